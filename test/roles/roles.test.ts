import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rolesSql } from '../../src/roles/roles-sql.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { createRolesDatabase, migrate, type RolesDatabase } from './roles-database.ts'
import { readEverything, writeEverything } from './write-everything.ts'

const denied = { code: '42501' }
const tables = [
  'traces',
  'spans',
  'events',
  'results',
  'metrics',
  'metric_points',
  'logs',
  'pending_usage',
  'leases',
  'kept_usage',
  'tombstones',
]

/** What a role holds on the schema, in words. */
const rightsOf = async ({ admin }: RolesDatabase, role: string) => {
  const { rows } = await admin.query<{ name: string; rights: string }>(
    `select relname as name, (select string_agg(kind, ' ' order by kind) from unnest(
       array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as kind
       where has_table_privilege($1, oid, kind)) as rights
     from pg_class where relnamespace = 'tracehold'::regnamespace and relkind = 'r' order by relname`,
    [role],
  )
  return Object.fromEntries(rows.map(({ name, rights }) => [name, rights]))
}

describe('roles', () => {
  let database: RolesDatabase
  let writing: Store

  beforeAll(async () => {
    database = await createRolesDatabase()
    await database.apply()
    await migrate(database)
    writing = await database.store(database.names.writer)
    await writeEverything(writing)
  })
  afterAll(() => database.drop())

  it('the writer stores and deletes rows of every kind', async () => {
    expect(Object.values(writing.writers).map((writer) => ('stats' in writer ? writer.stats().rejected : 0))).toEqual(
      Object.values(writing.writers).map(() => 0),
    )
    expect(await writing.spans.count()).toBe(101)
    expect(await writing.traces.get('gone')).toBeUndefined()
  })

  it('the reader reads everything, as the owner does', async () => {
    const seen = await readEverything(await database.store(database.names.reader))
    expect(seen).toEqual(await readEverything(await database.store(database.names.owner)))
    // Of 100 model calls seven have others below them, and repeat what these report.
    expect(seen).toMatchObject({ trace: 'authored', traces: 8, spans: 100, points: 100, found: 50, usage: 93 })
  })

  it('the writer cannot drop, change or empty a table, make one, or touch the migrations', async () => {
    const client = await database.client(database.names.writer)
    for (const table of tables) {
      for (const statement of [
        `drop table tracehold.${table}`,
        `truncate tracehold.${table}`,
        `alter table tracehold.${table} add column more int`,
        `alter table tracehold.${table} disable trigger all`,
        `create index on tracehold.${table} (project_id)`,
        `create trigger t before insert on tracehold.${table} execute function suppress_redundant_updates_trigger()`,
      ]) {
        await expect(client.query(statement), statement).rejects.toMatchObject(denied)
      }
    }
    for (const statement of [
      'create table tracehold.mine (id int)',
      'drop schema tracehold cascade',
      "insert into tracehold.migrations values (99, 'x', 'x')",
      "update tracehold.migrations set sha256 = 'x'",
      'delete from tracehold.migrations',
      `set role ${database.names.owner}`,
      `grant ${database.names.owner} to ${database.names.writer}`,
    ]) {
      await expect(client.query(statement), statement).rejects.toMatchObject(denied)
    }
    // Where there is nothing to migrate, asking for it needs no right.
    await (await openStore(database.urlOf(database.names.writer), { migrate: true })).close()
  })

  it('the reader cannot write, by SQL or through a store', async () => {
    const client = await database.client(database.names.reader)
    for (const table of tables) {
      for (const statement of [
        `insert into tracehold.${table} select * from tracehold.${table}`,
        `update tracehold.${table} set project_id = 'x'`,
        `delete from tracehold.${table}`,
        `truncate tracehold.${table}`,
        `drop table tracehold.${table}`,
        `select * from tracehold.${table} for update`,
        `copy tracehold.${table} from stdin`,
      ]) {
        await expect(client.query(statement), statement).rejects.toMatchObject(denied)
      }
    }
    const store = await database.store(database.names.reader)
    const span = { traceId: 't', spanId: 's', name: 'n', startTime: new Date() }
    await expect(store.writers.spans.write(span)).rejects.toThrow(/permission denied.*The role lacks a right/)
    await expect(store.writers.traces.delete('t3')).rejects.toThrow(/permission denied/)
  })

  it('later tables are granted as they are made, and running it again changes nothing', async () => {
    const owner = await database.client(database.names.owner)
    await owner.query('create table tracehold.later (project_id text)')
    const { writer, reader } = database.names
    const before = [await rightsOf(database, writer), await rightsOf(database, reader)]
    expect(before).toEqual([
      { later: 'DELETE INSERT SELECT UPDATE', migrations: 'SELECT', ...all('DELETE INSERT SELECT UPDATE') },
      { later: 'SELECT', migrations: 'SELECT', ...all('SELECT') },
    ])
    // What somebody gave by hand goes again.
    await database.admin.query(`grant all on all tables in schema tracehold to ${reader}`)
    await database.apply()
    await database.apply()
    expect([await rightsOf(database, writer), await rightsOf(database, reader)]).toEqual(before)
    await owner.query('drop table tracehold.later')
  })
})

const all = (rights: string) => Object.fromEntries([...tables, 'commit_origins'].map((table) => [table, rights]))

describe('rolesSql', () => {
  it('takes over tables that another role made', async () => {
    const database = await createRolesDatabase()
    try {
      await (await openStore(database.url, { migrate: true })).close()
      await database.apply()
      await writeEverything(await database.store(database.names.writer))
      const owner = await database.client(database.names.owner)
      await owner.query('alter table tracehold.traces add column more int')
      await owner.query('alter table tracehold.migrations add column more int')
    } finally {
      await database.drop()
    }
  })

  it('needs no superuser: owning the database and making roles is enough', async () => {
    const database = await createRolesDatabase()
    try {
      const manager = await database.create(database.admin.user ?? '')
      await database.admin.query(`revoke ${database.admin.user} from ${manager}`)
      await database.admin.query(`alter role ${manager} createrole`)
      await database.admin.query(`alter database ${database.admin.database} owner to ${manager}`)
      const client = await database.client(manager)
      for (const rowLevelSecurity of [false, true, true]) {
        await client.query(rolesSql({ ...database.names, rowLevelSecurity }))
      }
      expect(await rightsOf(database, database.names.writer)).toEqual({ migrations: 'SELECT', project_roles: 'SELECT' })
      await client.end()
      await database.admin.query(`alter database ${database.admin.database} owner to ${database.admin.user}`)
    } finally {
      await database.drop()
    }
  })

  it.each([
    `a"; drop schema tracehold cascade; --`,
    `it's "quoted"`,
    'back\\slash',
    '$do$ end $do$',
    'Ünïcode 🚀 %s %I',
    'Capital',
  ])('quotes the name %s', async (name) => {
    const database = await createRolesDatabase(name)
    try {
      for (const conforming of ['on', 'off']) {
        await database.admin.query(`set standard_conforming_strings to ${conforming}; set escape_string_warning to off`)
        await database.apply({ rowLevelSecurity: conforming === 'off' })
      }
      const { rows } = await database.admin.query('select rolname from pg_roles where rolname = any($1) order by 1', [
        Object.values(database.names),
      ])
      expect(rows.map(({ rolname }) => rolname)).toEqual(Object.values(database.names).sort())
      await migrate(database)
      const { rows: owners } = await database.admin.query(
        "select distinct pg_get_userbyid(relowner) as owner from pg_class where relnamespace = 'tracehold'::regnamespace",
      )
      expect(owners).toEqual([{ owner: database.names.owner }])
    } finally {
      await database.drop()
    }
  })

  it.each([
    [{ owner: '' }, /owner must be a name/],
    [{ writer: 'a\0b' }, /writer must be a name/],
    [{ reader: 'ü'.repeat(32) }, /reader must have at most 63 bytes/],
    [{ reader: 'pg_read_all_data' }, /reader must not be a name/],
    [{ writer: 'public' }, /writer must not be/],
    [{ writer: 'a', reader: 'a' }, /reader must be a role of its own/],
  ])('refuses %j', (options, message) => {
    expect(() => rolesSql(options)).toThrow(message)
  })
})
