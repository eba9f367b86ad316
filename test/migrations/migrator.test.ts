import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import {
  type Migration,
  MigrationError,
  Migrator,
  openPool,
  openStore,
  type Pool,
  shippedMigrations,
} from '../../src/index.ts'
import { type Backend, describeEmptyBackends, itExceptOn, type KnownDifference } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'
import { executeClickHouse } from '../servers/clickhouse.ts'

/** The caller's own way to run SQL, as an app that keeps its own runner has one. */
interface Executor {
  execute(sql: string): Promise<unknown[]>
  close(): Promise<void>
}

const executors: Record<Backend['name'], (url: string) => Promise<Executor>> = {
  async sqlite(url) {
    const database = new Database(url.slice('sqlite:'.length))
    return {
      async execute(sql) {
        const statement = database.prepare(sql)
        return statement.reader ? statement.all() : [statement.run()]
      },
      close: async () => void database.close(),
    }
  },
  async postgres(url) {
    const client = new pg.Client(url)
    await client.connect()
    return { execute: async (sql) => (await client.query(sql)).rows, close: () => client.end() }
  },
  clickhouse: async (url) => ({ execute: (sql) => executeClickHouse(url, sql), close: async () => {} }),
}

const prefixes: Record<Backend['name'], string> = { sqlite: 'tracehold_', postgres: 'tracehold.', clickhouse: '' }

/** A folder of migrations as drizzle-kit writes it. */
async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(inject('servers').directory, 'migrations-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

const breakpoint = '\n--> statement-breakpoint\n'

const noTransactions: KnownDifference = {
  backend: 'clickhouse',
  because: 'there are no transactions, and the next run finishes one that failed',
}
const nobodyElse: KnownDifference = {
  backend: 'clickhouse',
  because: 'drizzle-kit makes no ClickHouse tables, so tables without a record are those of a run that failed',
}

describeEmptyBackends('Migrator', (backend) => {
  const { name: engine } = backend
  const prefix = prefixes[engine]
  const shipped = shippedMigrations(engine)
  let url: string
  let pool: Pool
  let own: Executor

  beforeEach(async () => {
    url = await backend.fresh()
    pool = await openPool({ url })
    own = await executors[engine](url)
  })
  afterEach(async () => {
    await pool.close()
    await own.close()
  })

  /** The shipped migrations, and further ones of the same form. */
  const more = (...files: { name: string; sql: string }[]): Migration[] => [
    ...shipped,
    ...files.map(({ name, sql }, index) => ({
      version: shipped.length + index + 1,
      name,
      sha256: `${index}`.repeat(64),
      statements: sql.split(breakpoint),
    })),
  ]
  const migrate = (migrations?: readonly Migration[]) => new Migrator(pool, migrations).migrate()

  it('brings an empty database up to date, and does nothing the second time', async () => {
    const migrator = new Migrator(pool)
    expect(await migrator.status()).toMatchObject({ current: 0, latest: shipped.length, applied: [] })
    expect(await migrator.migrate()).toEqual({ from: 0, to: shipped.length, applied: shipped.map(({ name }) => name) })
    expect(await migrator.migrate()).toEqual({ from: shipped.length, to: shipped.length, applied: [] })
    const { applied, pending, current } = await migrator.status()
    expect({ pending, current }).toEqual({ pending: [], current: shipped.length })
    expect(applied.map(({ sha256 }) => sha256)).toEqual(shipped.map(({ sha256 }) => sha256))
    for (const { appliedAt } of applied) expect(Math.abs(Date.parse(appliedAt) - Date.now())).toBeLessThan(60_000)
  })

  it('asking for the status changes nothing', async () => {
    await new Migrator(pool).status()
    const tables = {
      sqlite: 'sqlite_master',
      postgres: `pg_namespace where nspname = 'tracehold'`,
      clickhouse: 'system.tables where database = currentDatabase()',
    }[engine]
    expect(await own.execute(`select 1 from ${tables}`)).toEqual([])
  })

  it('applies what a newer package brings', async () => {
    await migrate()
    const added = more({ name: 'add_note', sql: `alter table ${prefix}spans add column note text` })
    expect(await new Migrator(pool, added).status()).toMatchObject({
      current: shipped.length,
      latest: shipped.length + 1,
    })
    expect(await migrate(added)).toEqual({ from: shipped.length, to: shipped.length + 1, applied: ['add_note'] })
    expect(await own.execute(`select note from ${prefix}spans`)).toEqual([])
  })

  it('refuses a file that was edited after it was applied', async () => {
    await migrate()
    const edited = shipped.map((migration) => ({ ...migration, sha256: 'f'.repeat(64) }))
    const error = await thrown(migrate(edited))
    expect(error).toBeInstanceOf(MigrationError)
    expect(error.message).toMatch(/was edited after it was applied/)
    expect(await thrown(new Migrator(pool, edited).status())).toBeInstanceOf(MigrationError)
  })

  it('refuses files in another order than they were applied in', async () => {
    const one = { name: 'one', sql: `alter table ${prefix}spans add column one text` }
    const two = { name: 'two', sql: `alter table ${prefix}spans add column two text` }
    await migrate(more(one, two))
    const error = await thrown(migrate(more(two, one)))
    expect(error).toBeInstanceOf(MigrationError)
    expect(error.message).toMatch(/'two' in this package and 'one' in the database/)
  })

  it('refuses a schema that is newer than the package', async () => {
    await migrate(more({ name: 'add_note', sql: `alter table ${prefix}spans add column note text` }))
    for (const error of [
      await thrown(migrate()),
      await thrown(new Migrator(pool).baseline()),
      await thrown(openStore(url)),
      await thrown(openStore(url, { migrate: true })),
    ]) {
      expect(error).toBeInstanceOf(MigrationError)
      expect(error.message).toMatch(/is at version \d+ and this package knows only \d+\. Upgrade the tracehold package/)
    }
  })

  it('openStore refuses a schema that is behind, and says how to bring it up to date', async () => {
    const error = await thrown(openStore(url))
    expect(error).toBeInstanceOf(MigrationError)
    expect(error.message).toMatch(/at version 0 .* needs \d+.*`tracehold migrate`.*\{ migrate: true \}/)
    await (await openStore(url, { migrate: true })).close()
    await (await openStore(url)).close()
  })

  itExceptOn(backend, noTransactions)('leaves nothing of a run in which a statement fails', async () => {
    const sql = [`create table halfway (id integer)`, `alter table ${prefix}nothing add column x text`]
    const broken = more(
      { name: 'fine', sql: `create table fine (id integer)` },
      { name: 'bad', sql: sql.join(breakpoint) },
    )
    const error = await thrown(migrate(broken))
    expect(error).toBeInstanceOf(MigrationError)
    expect(error.message).toMatch(/Nothing was changed.*statement 2 of migration \d+ 'bad'/)
    await expect(own.execute('select * from halfway')).rejects.toThrow(/halfway/)
    await expect(own.execute('select * from fine')).rejects.toThrow(/fine/)
    await expect(own.execute(`select * from ${prefix}traces`)).rejects.toThrow(/traces/)
    expect(await new Migrator(pool).status()).toMatchObject({ current: 0 })

    await migrate()
    const second = await thrown(migrate(broken))
    expect(second).toBeInstanceOf(MigrationError)
    expect(await new Migrator(pool, broken).status()).toMatchObject({ current: shipped.length })
    await expect(own.execute('select * from fine')).rejects.toThrow(/fine/)
  })

  itExceptOn(backend, nobodyElse)(
    'does not touch tables that nobody recorded, and adopts them on request',
    async () => {
      const migrator = new Migrator(pool)
      expect((await thrown(migrator.baseline())).message).toMatch(/no tables to adopt/)
      await migrator.apply(0, (statement) => own.execute(statement))

      const error = await thrown(migrator.migrate())
      expect(error).toBeInstanceOf(MigrationError)
      expect(error.message).toMatch(/no migration is recorded.*tracehold migrate --baseline/)
      expect(await thrown(openStore(url, { migrate: true }))).toBeInstanceOf(MigrationError)

      expect(await migrator.baseline()).toEqual({
        from: 0,
        to: shipped.length,
        applied: shipped.map(({ name }) => name),
      })
      expect(await migrator.migrate()).toMatchObject({ applied: [] })
      const store = await openStore(url)
      await store.writers.spans.write({ traceId: 't', spanId: 's', name: 'n', startTime: new Date() })
      expect(await store.traces.get('t')).toMatchObject({ spanCount: 1 })
      await store.close()
    },
  )

  itExceptOn(backend, nobodyElse)(
    'makes what drizzle-kit has no words for when it adopts tables, as doctor wants it',
    async () => {
      await new Migrator(pool).apply(0, (statement) => own.execute(statement))
      const values = backend.name === 'sqlite' ? "1, '{}', 1" : "now(), '{}', now()"
      await own.execute(`insert into ${prefix}logs (project_id, log_id, time, attributes, written_at, body_text)
        values ('default', 'l', ${values}, 'card declined')`)
      const triggers = ['insert', 'update', 'delete'].map((name) => `drop trigger tracehold_logs_search_${name}`)
      const drops = {
        sqlite: [...triggers, 'drop table tracehold_logs_search'],
        postgres: ['drop index tracehold.logs_search'],
        clickhouse: [],
      }
      for (const statement of drops[backend.name]) await own.execute(statement)
      await new Migrator(pool).baseline()
      const { expected, found } = await pool.diagnostics.indexes()
      expect([...expected.keys()].filter((name) => !found.get(name))).toEqual([])
      const store = await openStore(url)
      await store.writers.logs.write({ body: 'card accepted' })
      expect(await store.logs.count({ search: 'card' })).toBe(2)
      await store.close()
    },
  )

  it('adopts again what the app’s own history brought later', async () => {
    const added = more({ name: 'add_note', sql: `alter table ${prefix}spans add column note text` })
    const migrator = new Migrator(pool, added)
    await migrator.apply(0, (statement) => own.execute(statement))
    await new Migrator(pool).baseline()
    expect(await migrator.baseline()).toEqual({ from: shipped.length, to: shipped.length + 1, applied: ['add_note'] })
    expect(await migrator.baseline()).toMatchObject({ applied: [] })
  })

  it('tells what is pending for any version', () => {
    const migrator = new Migrator(pool, more({ name: 'one', sql: 'select 1' }, { name: 'two', sql: 'select 2' }))
    const names = (current: number) => migrator.pending(current).map(({ name }) => name)
    expect(migrator.latestVersion).toBe(shipped.length + 2)
    expect(names(0)).toEqual([...shipped.map(({ name }) => name), 'one', 'two'])
    expect(names(shipped.length)).toEqual(['one', 'two'])
    expect(names(shipped.length + 1)).toEqual(['two'])
    expect(names(shipped.length + 2)).toEqual([])
    expect(names(99)).toEqual([])
    expect(names(-1)).toEqual(names(0))
  })

  it('applies through the caller’s own executor, in order', async () => {
    const seen: string[] = []
    const migrator = new Migrator(pool, more({ name: 'one', sql: `select 1${breakpoint}select 2` }))
    const execute = async (statement: string) => {
      seen.push(statement)
      await own.execute(statement)
    }
    expect(await migrator.apply(0, execute)).toBe(migrator.latestVersion)
    expect(seen).toEqual([...shipped.flatMap(({ statements }) => statements), 'select 1', 'select 2'])
    expect(await own.execute(`select * from ${prefix}spans`)).toEqual([])

    seen.length = 0
    expect(await migrator.apply(shipped.length, execute)).toBe(migrator.latestVersion)
    expect(seen).toEqual(['select 1', 'select 2'])
    expect(await migrator.apply(migrator.latestVersion, execute)).toBe(migrator.latestVersion)
    expect(await migrator.apply(99, execute)).toBe(99)
    expect(seen).toHaveLength(2)

    const failing = migrator.apply(0, () => Promise.reject(new Error('mine')))
    await expect(failing).rejects.toThrow('mine')
  })
})

describe('a folder of migrations', () => {
  it('is read in order, statement by statement, with the sha256 of every file', async () => {
    const folder = await folderOf({
      '0001_second.sql': 'SELECT 3;',
      '0000_first.sql': `SELECT 1;${breakpoint}SELECT 2;\n`,
      'notes.txt': 'no migration',
    })
    expect(shippedMigrations('sqlite', folder)).toEqual([
      {
        version: 1,
        name: 'first',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        statements: ['SELECT 1;', 'SELECT 2;'],
      },
      { version: 2, name: 'second', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), statements: ['SELECT 3;'] },
    ])
  })

  it('has the same hashes where git has changed the ends of lines', async () => {
    const unix = await folderOf({ '0000_first.sql': 'SELECT\n1;' })
    const windows = await folderOf({ '0000_first.sql': 'SELECT\r\n1;' })
    expect(shippedMigrations('sqlite', windows)).toEqual(shippedMigrations('sqlite', unix))
  })

  it.each([
    ['a number twice', ['0000_a.sql', '0001_b.sql', '0001_c.sql']],
    ['a missing number', ['0000_a.sql', '0002_b.sql']],
    ['a first number that is not 0', ['0001_a.sql']],
  ])('is refused with %s', async (_, names) => {
    const folder = await folderOf(Object.fromEntries(names.map((name) => [name, 'SELECT 1;'])))
    expect(() => shippedMigrations('sqlite', folder)).toThrow(MigrationError)
    expect(() => shippedMigrations('sqlite', folder)).toThrow(/out of order/)
  })

  it('is shipped as it stands in the repository', async () => {
    for (const engine of ['sqlite', 'postgres'] as const) {
      const [first] = shippedMigrations(engine)
      const text = await readFile(join(import.meta.dirname, '../../drizzle', engine, '0000_init.sql'), 'utf8')
      expect(text).toContain(first?.statements.at(-1))
    }
  })
})
