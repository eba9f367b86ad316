import { eq } from 'drizzle-orm'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { randomNumbers } from '../../src/testing/random-traces.ts'
import { runs } from '../runs.ts'
import { createRolesDatabase, migrate, type RolesDatabase } from './roles-database.ts'
import { readEverything, writeEverything } from './write-everything.ts'

const tables = ['traces', 'spans', 'events', 'results', 'metrics', 'metric_points', 'logs']
/** Names that no text of a row holds by chance. */
const [red, green, blue] = ['project-red', 'project-green', 'project-blue'] as const
const projects = [red, green, blue]
/** The projects of each tenant; the last one only reads. */
const tenancy = [[red], [green, blue], [], [red, green]]

interface Tenant {
  readonly role: string
  readonly projects: readonly string[]
  readonly writes: boolean
}

/** What each project holds, as a checksum by project. */
async function checksums(admin: pg.Client): Promise<Record<string, string>> {
  const rowsOf = tables.map((table) => `select project_id, md5(t::text) as sum from tracehold.${table} t`)
  const { rows } = await admin.query<{ project: string; sum: string }>(
    `select project_id as project, md5(string_agg(sum, '' order by sum)) as sum
     from (${rowsOf.join(' union all ')}) as everything group by 1`,
  )
  return Object.fromEntries(rows.map(({ project, sum }) => [project, sum]))
}

describe('row-level security', () => {
  let database: RolesDatabase
  const tenants: Tenant[] = []
  let everything: Record<string, unknown>

  beforeAll(async () => {
    database = await createRolesDatabase()
    await database.apply()
    await migrate(database)
    // Rows of all projects are there before the policies are.
    const backend = await database.store(database.names.writer)
    for (const project of projects) await writeEverything(backend.forProject(project))
    everything = await readEverything(backend.forProject(red))
    await backend.close()
    await database.apply({ rowLevelSecurity: true })
    for (const [i, of] of tenancy.entries()) {
      const writes = i < tenancy.length - 1
      const role = await database.create(writes ? database.names.writer : database.names.reader)
      for (const project of of) {
        await database.admin.query('insert into tracehold.project_roles values ($1::regrole, $2)', [role, project])
      }
      tenants.push({ role, projects: of, writes })
    }
  })
  afterAll(() => database.drop())

  it('a store works for the projects of its role, and finds nothing in others', async () => {
    for (const { role, projects: own, writes } of tenants) {
      const store = await database.store(role)
      const empty = await readEverything(store.forProject('of nobody'))
      for (const project of projects) {
        const view = store.forProject(project)
        const isOwn = own.includes(project)
        expect(await readEverything(view)).toEqual(isOwn ? everything : empty)
        if (isOwn && writes) await writeEverything(view)
        else await expect(writeEverything(view)).rejects.toThrow(/42501/)
      }
    }
  })

  it('a table of a later migration stays closed until the roles are brought up to date', async () => {
    await database.admin.query('create table tracehold.later (project_id text)')
    await database.admin.query(`insert into tracehold.later select unnest($1::text[])`, [projects])
    await database.admin.query(`alter table tracehold.later owner to ${database.names.owner}`)
    const [{ role }] = tenants as [Tenant]
    const client = await database.client(role)
    await expect(client.query('select * from tracehold.later')).rejects.toThrow(/permission denied/)
    await database.apply({ rowLevelSecurity: true })
    expect((await client.query('select * from tracehold.later')).rows).toEqual([{ project_id: red }])
    await database.admin.query('drop table tracehold.later')
  })

  it('is not lost to roles that are printed without it', async () => {
    await expect(database.apply()).rejects.toThrow(/Print these roles with --row-level-security/)
    await database.admin.query('rollback')
  })

  it('copies nowhere, and replaces what is there', async () => {
    const [{ role }] = tenants as [Tenant]
    const client = await database.client(role)
    for (const table of tables) {
      await expect(client.query(`copy tracehold.${table} from stdin`)).rejects.toThrow(/COPY FROM not supported/)
      const { rows } = await client.query(`select row_security_active('tracehold.${table}') as active`)
      expect(rows).toEqual([{ active: true }])
    }
  })

  it('random reads and writes through stores reach no row of another project', async () => {
    const random = randomNumbers(11)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const stores = await Promise.all(
      tenants.map(async (tenant) => ({ tenant, store: await database.store(tenant.role) })),
    )
    const before = await checksums(database.admin)
    const rounds = runs(300, 1000)
    let found = 0
    let refused = 0
    for (let round = 0; round < rounds; round += 1) {
      const { tenant, store } = pick(stores)
      // Its own project one time in four, so that the calls are known to work.
      const own = random() < 0.25 ? pick(tenant.projects) : undefined
      const project = own ?? pick(projects.filter((each) => !tenant.projects.includes(each)))
      const view = store.forProject(project)
      if (random() < 0.7) {
        const rows = await pick(reads)(view)
        found += rows
        if (own === undefined) expect(rows, `round ${round}`).toBe(0)
      } else if (own === undefined) {
        const written = await pick(writes)(view, round).catch(() => undefined)
        // A delete of what cannot be seen is no error, and deletes nothing.
        if (written === undefined) refused += 1
        else expect(written).toBe(0)
      }
    }
    expect(await checksums(database.admin)).toEqual(before)
    expect(found).toBeGreaterThan(rounds / 2)
    expect(refused).toBeGreaterThan(rounds / 10)
  })

  it('random statements of SQL see and change no row of another project', async () => {
    const random = randomNumbers(7)
    const rounds = runs(100, 250)
    let seen = 0
    let refused = 0
    for (const { role, projects: own } of tenants) {
      const client = await database.client(role)
      const foreign = projects.filter((project) => !own.includes(project))
      const before = await checksums(database.admin)
      for (let round = 1; round <= rounds; round += 1) {
        const statement = randomStatement(random, database.names)
        const rows = await attempt(client, statement)
        if (rows === undefined) refused += 1
        else seen += rows.length
        for (const project of foreign) expect(JSON.stringify(rows) ?? '', statement).not.toContain(project)
        if (round % 10 > 0) continue
        const after = await checksums(database.admin)
        for (const project of foreign)
          expect(after[project], `${project} at ${round}, ${statement}`).toBe(before[project])
      }
    }
    // Statements that all failed, or saw nothing, would prove nothing.
    expect(seen).toBeGreaterThan(4 * rounds)
    expect(refused).toBeGreaterThan(rounds / 2.5)
  }, 60_000)
})

const time = '2026-11-20T10:00:00.000001Z'

/** Reads, each answering with how many rows it saw. */
const reads: readonly ((store: Store) => Promise<number>)[] = [
  async ({ traces }) => (await traces.get('t3'))?.spans.length ?? 0,
  async ({ traces }) => (await traces.list()).items.length,
  async ({ traces }) => traces.count({ or: [{ sessionId: 'c1' }, { not: { sessionId: 'c1' } }] }),
  async ({ spans }) => (await spans.list({ inTrace: { tags: 'b' } })).items.length,
  async ({ spans }) => (await spans.subtree('t3', 's3')).length,
  async ({ spans }) => spans.count(),
  async ({ sessions }) => (await sessions.list()).items.length,
  async ({ results }) => results.count(),
  async ({ metrics }) => metrics.count(),
  async ({ metrics }) => (await metrics.aggregate('latency')).count,
  async ({ logs }) => (await logs.search('hello')).items.length,
  async ({ analytics }) => (await analytics.usage({ by: ['model'] })).length,
  async (store) => (await store.follow('logs', { once: true }).next()).value?.items.length ?? 0,
  async ({ db, tables: { spans }, projectId }) =>
    (await db.select({ id: spans.spanId }).from(spans).where(eq(spans.projectId, projectId)).limit(5)).length,
]

/** Writes, each answering with how many rows it touched. */
const writes: readonly ((store: Store, round: number) => Promise<number>)[] = [
  async ({ writers }) =>
    (await writers.spans.write({ traceId: 't3', spanId: 's3', name: 'x', startTime: time })).stored,
  async ({ writers }, round) => (await writers.spans.write(spansOf(`new-${round}`, 30))).stored,
  async ({ writers }) => (await writers.traces.write({ traceId: 't3', name: 'taken over' })).stored,
  async ({ writers }) =>
    (await writers.events.write({ traceId: 't3', spanId: 's3', ordinal: 0, name: 'x', time })).stored,
  async ({ writers }) => (await writers.results.write({ resultId: 's3', name: 'x' })).stored,
  async ({ writers }) => (await writers.metrics.write({ name: 'latency', type: 'counter' })).stored,
  async ({ writers }) => (await writers.metricPoints.write({ pointId: 's3', metricName: 'latency' })).stored,
  async ({ writers }) => (await writers.logs.write({ logId: 's3', body: 'x' })).stored,
  async ({ writers }) =>
    (await writers.runs.save([{ trace: { traceId: 't3' }, spans: [] }], { source: 'docs' })).stored,
  ({ writers }) => writers.traces.delete(['t1', 't2', 't3']),
]

const spansOf = (traceId: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ traceId, spanId: `s${i}`, name: 'x', startTime: time }))

/** Runs and commits a statement; answers with its rows, or with nothing where it was refused. */
async function attempt(client: pg.Client, statement: string): Promise<unknown[] | undefined> {
  try {
    await client.query('begin')
    const results = [await client.query(statement)].flat()
    await client.query('commit')
    return results.flatMap(({ rows }) => rows)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    await client.query('rollback')
    return undefined
  }
}

/** One of the ways in which a tenant may try to reach further. */
function randomStatement(random: () => number, names: RolesDatabase['names']): string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  const table = `tracehold.${pick(tables)}`
  const project = pick(projects)
  return pick([
    `select project_id from ${table}`,
    `select project_id, count(*) from ${table} group by 1`,
    `select * from ${table} where project_id = '${project}' or true`,
    `select t.* from ${table} t where project_id like '%' and project_id <> '${project}'`,
    `select a.project_id, b.project_id from ${table} a join tracehold.spans b on true limit 500`,
    `with all_rows as (select * from ${table} union all select * from ${table}) select project_id from all_rows`,
    `select (select max(project_id) from ${table})`,
    `select project_id from tracehold.project_roles`,
    `select distinct project_id from ${table} tablesample bernoulli (100)`,
    `set local tracehold.project_id = '${project}'; select project_id from ${table}`,
    `set local row_security = off; select project_id from ${table}`,
    `set local role ${pick([names.writer, names.reader, names.owner])}; select project_id from ${table}`,
    `declare c cursor for select project_id from ${table}; fetch all from c`,
    `select project_id from ${table} for update`,
    `update ${table} set project_id = '${project}'`,
    `update ${table} set written_at = now() where project_id = '${project}' returning project_id`,
    `delete from ${table} where project_id = '${project}' and random() < 0.01 returning project_id`,
    `insert into ${table} select * from ${table} limit 1`,
    `insert into tracehold.metrics (project_id, name, type, written_at)
       values ('${project}', 'm' || random(), 'gauge', now()) returning project_id`,
    `insert into tracehold.metrics (project_id, name, type, written_at) values ('${project}', 'latency', 'gauge', now())
       on conflict (project_id, name) do update set written_at = excluded.written_at returning project_id`,
    `merge into tracehold.metrics m using (select '${project}' as p) s on m.project_id = s.p
       when matched then update set type = 'sum'`,
    `insert into tracehold.project_roles values (current_user::regrole, '${project}')`,
    `update tracehold.project_roles set project_id = '${project}'`,
    `alter table ${table} disable row level security`,
    `drop policy own_projects on ${table}`,
    `create policy more on ${table} using (true)`,
    `truncate ${table}`,
    `copy (select project_id from ${table}) to stdout`,
  ])
}
