import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfigOptions } from '../../src/config/config.ts'
import { checkNode } from '../../src/doctor/checks/node.ts'
import { type Check, diagnose } from '../../src/doctor/diagnose.ts'
import { checkOwnLogs } from '../../src/engines/clickhouse/own-logs.ts'
import { ClickHousePool } from '../../src/engines/clickhouse/pool.ts'
import { shippedMigrations } from '../../src/engines/migration-files.ts'
import { isOlder } from '../../src/engines/older-version.ts'
import { openPool } from '../../src/engines/open-pool.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import { openStore } from '../../src/store/open-store.ts'
import { type BackendName, describeBackends } from '../backends.ts'
import { createRolesDatabase, migrate, type RolesDatabase } from '../roles/roles-database.ts'
import { createCertificates } from '../servers/certificates.ts'
import { createEmbeddedDatabase, startClickHouse } from '../servers/clickhouse.ts'
import { createDatabase, executePostgres } from '../servers/databases.ts'
import { startPostgres } from '../servers/postgres.ts'
import { openScratch } from '../servers/scratch.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'

/** All checks by name, away from this process's own configuration. */
async function checksOf(url: string, options: ConfigOptions = {}) {
  const checks = new Map<string, Check>()
  for await (const check of diagnose({ url, ...options }, { env: {}, cwd: tmpdir() })) checks.set(check.name, check)
  return checks
}

const statuses = (checks: Map<string, Check>, status: Check['status']) =>
  [...checks.values()].filter((check) => check.status === status).map(({ name }) => name)

describeBackends('a healthy database', (backend) => {
  it('has nothing failed, and what was left out has a reason', async () => {
    const store = await openStore(backend.url(), { migrate: true })
    await store.writers.spans.write({
      traceId: 't',
      spanId: 's',
      name: 'chat',
      kind: 'llm',
      startTime: new Date(),
      inputTokens: 1200,
      outputTokens: 34,
    })
    await store.close()
    const checks = await checksOf(backend.url())
    const about = JSON.stringify([...checks.values()], null, 1)
    expect(statuses(checks, 'failed'), about).toEqual([])
    expect(statuses(checks, 'warning'), about).toEqual([])
    const always = ['node', 'config', 'driver', 'connection', 'server', 'schema', 'commits', 'sample', 'pool']
    const own = {
      sqlite: ['disk', 'indexes'],
      postgres: ['tls', 'clock', 'rights', 'indexes'],
      clickhouse: ['disk', 'indexes'],
    }[backend.name]
    expect(new Set(statuses(checks, 'ok')), about).toEqual(new Set([...always, ...own]))
    for (const name of statuses(checks, 'skipped')) expect(checks.get(name)?.message, name).toMatch(/\w{4}/)
    expect(checks.get('server')?.message).toMatch(/^(SQLite|PostgreSQL|ClickHouse) \d+\.[\d.]+$/)
    expect(checks.get('sample')?.message).toMatch(/^1 trace with 1,234 tokens in the last day of project 'default'/)
  })

  it('says which profile read each instrumentation, and what looks like a column and was not read', async () => {
    const store = await openStore(backend.url(), { migrate: true, projectId: 'instrumented' })
    const span = (scope: string, spanId: string, key: string) => ({
      scope: { name: scope },
      spans: [
        {
          traceId: '5b8aa5a2d2c872e8321cf37308d69df2',
          spanId,
          name: 'chat',
          startTimeUnixNano: '1784000000000000000',
          endTimeUnixNano: '1784000001000000000',
          attributes: [{ key, value: { intValue: '5' } }],
        },
      ],
    })
    const scopeSpans = [
      span('@arizeai/openinference-instrumentation-openai', '051581bf3cb55c13', 'llm.token_count.prompt'),
      span('acme.agents', '151581bf3cb55c13', 'acme.prompt_tokens'),
    ]
    await importDocuments(store, Readable.from([JSON.stringify({ resourceSpans: [{ scopeSpans }] })]))
    await store.close()
    const { status, message } = (await checksOf(backend.url(), { projectId: 'instrumented' })).get('readers') ?? {}
    expect(status).toBe('warning')
    expect(message).toContain('@arizeai/openinference-instrumentation-openai by openinference@1 (1)')
    expect(message).toMatch(/acme\.agents by generic@1 \(1\).*look like a column: acme\.agents: acme\.prompt_tokens$/)
  })

  it('without tables is a warning', async () => {
    const empty = await backend.fresh()
    const checks = await checksOf(empty)
    expect(statuses(checks, 'failed')).toEqual([])
    const { nextStep } = checks.get(statuses(checks, 'warning')[0] ?? '') ?? {}
    expect(nextStep).toMatch(/^The first import makes (it|them)/)
  })
})

const execute: Record<BackendName, (url: string, sql: string) => Promise<unknown>> = {
  sqlite: async (url, sql) => {
    const database = new Database(url.slice('sqlite:'.length))
    database.exec(sql)
    database.close()
  },
  postgres: executePostgres,
  clickhouse: async (url, sql) => {
    const pool = await openPool({ url })
    if (pool instanceof ClickHousePool) for (const each of sql.split('; ')) await pool.command(each.replace(/;$/, ''))
    await pool.close()
  },
}

describeBackends('a schema that does not fit', (backend) => {
  const isClickHouse = backend.name === 'clickhouse'
  const table = { sqlite: 'tracehold_migrations', postgres: 'tracehold.migrations', clickhouse: 'migrations' }[
    backend.name
  ]
  const schemaAfter = async (sql: string) => {
    const url = await backend.migrated()
    await execute[backend.name](url, sql)
    return (await checksOf(url)).get('schema')
  }

  it('because it is behind', async () => {
    const schema = await schemaAfter(`delete from ${table} where version = (select max(version) from ${table})`)
    // Of the only migration that is all.
    if (shippedMigrations(backend.name).length === 1) {
      expect(schema).toMatchObject({ status: 'warning', message: 'there are no tables yet' })
    } else expect(schema).toMatchObject({ status: 'failed', nextStep: 'Run: tracehold migrate' })
  })

  it('because it is ahead', async () => {
    const now = backend.name === 'sqlite' ? '0' : 'now()'
    const schema = await schemaAfter(
      `insert into ${table} (version, name, sha256, applied_at) values (99, 'future', 'x', ${now})`,
    )
    expect(schema).toMatchObject({ status: 'failed', nextStep: 'Upgrade the tracehold package.' })
  })

  it('because it was edited', async () => {
    const edit = `update ${table} set sha256 = 'x' where version = 1`
    const replace = `insert into ${table} (version, name, sha256) values (1, 'init', 'x')`
    expect(await schemaAfter(isClickHouse ? replace : edit)).toMatchObject({
      status: 'failed',
      message: "Migration 1 'init' was edited after it was applied",
      nextStep: expect.stringContaining('Restore the file'),
    })
  })
})

describeBackends('a missing index', (backend) => {
  it('is named, with the statement that makes it', async () => {
    const url = backend.url()
    await (await openStore(url, { migrate: true })).close()
    const drops: Record<BackendName, readonly (readonly [name: string, statement: string])[]> = {
      sqlite: [
        ['spans_start_time', 'drop index spans_start_time'],
        ['tracehold_logs_search_update', 'drop trigger tracehold_logs_search_update'],
      ],
      postgres: [
        ['spans_start_time', 'drop index tracehold.spans_start_time'],
        ['logs_search', 'drop index tracehold.logs_search'],
      ],
      clickhouse: [
        ['spans_trace_id', 'alter table spans drop index spans_trace_id'],
        ['logs_search_text', 'alter table logs drop index logs_search_text'],
      ],
    }
    for (const [name, statement] of drops[backend.name]) {
      await execute[backend.name](url, statement)
      const indexes = (await checksOf(url)).get('indexes')
      expect(indexes).toMatchObject({ status: 'failed', message: `missing: ${name}` })
      await execute[backend.name](url, indexes?.nextStep?.replace('Run as the owner: ', '') ?? '')
      expect((await checksOf(url)).get('indexes')).toMatchObject({ status: 'ok' })
    }
  })
})

it('an old Node is named', () => {
  expect(checkNode('20.18.1')).toMatchObject({ status: 'failed', message: 'Node 20.18.1 is too old' })
  for (const version of ['20.19.0', '22.0.0', '24.1.0']) expect(checkNode(version).status).toBe('ok')
})

it('versions are compared by their numbers', () => {
  expect(isOlder('14.2 (Debian 14.2-1)', [14])).toBe(false)
  expect(isOlder('9.6', [14])).toBe(true)
  expect(isOlder('24.8.1.2', [24, 8])).toBe(false)
  expect(isOlder('24.10', [24, 8])).toBe(false)
  expect(isOlder('24.7', [24, 8])).toBe(true)
})

describe('a ClickHouse server', () => {
  it('is named when its logs about itself grow without an end', async () => {
    const database = await createEmbeddedDatabase()
    const pool = (await openPool({ url: database.url })) as ClickHousePool
    try {
      expect((await checkOwnLogs(pool)).status).toBe('skipped')
      const columns = '(event_date Date, text String) engine = MergeTree order by event_date'
      await pool.command(`create table system.query_log ${columns} ttl event_date + interval 7 day`)
      await pool.command(`create table system.trace_log ${columns}`)
      for (const log of ['query_log', 'trace_log'])
        await pool.command(`insert into system.${log} values (today(), 'x')`)
      expect((await checkOwnLogs(pool)).status).toBe('ok')
      const found = await checkOwnLogs(pool, 1)
      expect(found).toMatchObject({
        status: 'warning',
        message: expect.stringContaining('end: system.trace_log (0 GiB)'),
      })
      const [, statement = ''] = /for now: (.*)$/.exec(found.nextStep ?? '') ?? []
      await pool.command(statement)
      expect((await checkOwnLogs(pool, 1)).status).toBe('ok')
    } finally {
      for (const log of ['query_log', 'trace_log']) await pool.command(`drop table if exists system.${log} sync`)
      await pool.close()
      await database.drop()
    }
  })

  it('is looked at as a server is', async () => {
    const server = await startClickHouse('right')
    try {
      const url = server.url('traces')
      await (await openStore(url, { migrate: true })).close()
      const checks = await checksOf(url)
      const about = JSON.stringify([...checks.values()], null, 1)
      expect(statuses(checks, 'failed'), about).toEqual([])
      expect(statuses(checks, 'ok'), about).toEqual(
        expect.arrayContaining(['server', 'tls', 'clock', 'rights', 'sample']),
      )
      const wrong = (await checksOf(url.replace(':right@', ':hunter2@'))).get('connection')
      expect(wrong).toMatchObject({ status: 'failed', nextStep: 'Check the user and the password in the URL.' })
      expect(JSON.stringify(wrong)).not.toContain('hunter2')
    } finally {
      await server.stop()
    }
  })
})

describe('PostgreSQL', () => {
  let database: RolesDatabase
  const role = async (memberOf: 'writer' | 'reader') => database.create(database.names[memberOf])

  beforeAll(async () => {
    database = await createRolesDatabase()
    await database.apply()
    await migrate(database)
  })
  afterAll(() => database.drop())

  it('tells what each role may do, on newer tables too', async () => {
    const { owner, writer, reader } = database.names
    for (const name of [owner, writer]) {
      expect((await checksOf(database.urlOf(name))).get('rights')).toMatchObject({
        status: 'ok',
        message: expect.stringMatching(new RegExp(`^${name} reads and writes \\d+ tables$`)),
      })
    }
    expect((await checksOf(database.urlOf(reader))).get('rights')).toMatchObject({
      status: 'warning',
      message: expect.stringMatching(/ reads \d+ tables and writes none$/),
    })
    const partly = await role('writer')
    await database.admin.query('create table tracehold.newer (project_id text)')
    await database.admin.query(`alter table tracehold.newer owner to ${owner}`)
    await database.admin.query(`revoke delete on tracehold.logs from ${writer}`)
    expect((await checksOf(database.urlOf(partly))).get('rights')).toMatchObject({
      status: 'failed',
      message: `${partly} lacks delete on logs; select, insert, update, delete on newer`,
      nextStep: expect.stringContaining('tracehold roles print'),
    })
    await database.admin.query('drop table tracehold.newer')
    await database.apply()
  })

  it('names an index that is not usable, and how to make it again', async () => {
    await database.admin.query(
      "update pg_index set indisvalid = false where indexrelid = 'tracehold.spans_start_time'::regclass",
    )
    expect((await checksOf(database.url)).get('indexes')).toMatchObject({
      status: 'failed',
      message: 'not usable: spans_start_time',
      nextStep: expect.stringContaining('REINDEX INDEX CONCURRENTLY tracehold."spans_start_time"'),
    })
    await database.admin.query('reindex index tracehold.spans_start_time')
    expect((await checksOf(database.url)).get('indexes')?.status).toBe('ok')
  })

  it('names a missing primary key', async () => {
    await database.admin.query('alter table tracehold.logs drop constraint logs_key')
    const indexes = (await checksOf(database.url)).get('indexes')
    expect(indexes).toMatchObject({ status: 'failed', message: 'missing: logs_key' })
    await database.admin.query(indexes?.nextStep?.replace('Run as the owner: ', '') ?? '')
    expect((await checksOf(database.url)).get('indexes')?.status).toBe('ok')
  })

  it('looks at the row-level security of every table, and at the project', async () => {
    await database.apply({ rowLevelSecurity: true })
    const tenant = await role('writer')
    await database.admin.query(`insert into tracehold.project_roles values ('${tenant}'::regrole, 'acme')`)
    const of = async (name: string, projectId: string) =>
      (await checksOf(database.urlOf(name), { projectId })).get('row security')
    expect(await of(tenant, 'acme')).toMatchObject({ status: 'ok', message: 'on; this role sees 1 project' })
    expect(await of(tenant, 'other')).toMatchObject({
      status: 'failed',
      nextStep: expect.stringContaining('insert into'),
    })
    expect(await of(database.names.owner, 'other')).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('above'),
    })
    await database.admin.query('alter table tracehold.logs disable row level security')
    expect(await of(tenant, 'acme')).toMatchObject({ status: 'failed', message: 'off for logs, on for the others' })
  })

  it('a replica that is none, or lost, is a warning', async () => {
    const secret = 'postgres://u:hunter2@127.0.0.1:1/d'
    const lost = (await checksOf(database.url, { replicaUrl: secret })).get('replica')
    expect(lost).toMatchObject({ status: 'warning', message: expect.stringContaining('ECONNREFUSED') })
    expect(JSON.stringify(lost)).not.toContain('hunter2')
    const primary = (await checksOf(database.url, { replicaUrl: database.url })).get('replica')
    expect(primary).toMatchObject({ status: 'warning', message: expect.stringContaining('is no replica') })
  })
})

describe('the connection', () => {
  it('is tried again, and the tries are told', async () => {
    const { url, drop } = await createDatabase()
    const proxy = await TcpProxy.open(url)
    let cuts = 2
    proxy.onClientData = () => {
      cuts -= 1
      return cuts >= 0 ? 'cut' : 'pass'
    }
    expect((await checksOf(proxy.url)).get('connection')).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^PostgreSQL answers in .* at try 3$/),
    })
    cuts = 100
    expect((await checksOf(proxy.url)).get('connection')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('(3 tries)'),
    })
    await proxy.close()
    await drop()
  })

  it('without encryption is a warning, but on this machine', async () => {
    const { url, drop } = await createDatabase()
    const near = (await checksOf(url)).get('tls')
    expect(near).toMatchObject({ status: 'ok', message: expect.stringContaining('on this machine') })
    // The same server by an address that does not look like this machine's.
    const far = (await checksOf(url.replace('@127.0.0.1:', '@[::ffff:127.0.0.1]:'))).get('tls')
    expect(far).toMatchObject({ status: 'warning', nextStep: expect.stringContaining('sslmode=verify-full') })
    await drop()
  })

  it('that is encrypted is fine where the certificate is checked', async () => {
    const scratch = await openScratch()
    const { caFile, certFile, keyFile } = await createCertificates(scratch.path)
    const server = await startPostgres(scratch, { ssl: 'on', ssl_cert_file: certFile, ssl_key_file: keyFile })
    try {
      const far = server.url.replace('@127.0.0.1:', '@[::ffff:127.0.0.1]:')
      const checked = (await checksOf(far, { tls: { mode: 'verify-ca', caFile } })).get('tls')
      expect(checked).toMatchObject({
        status: 'ok',
        message: expect.stringMatching(/^TLSv1\.\d \(.+\), sslmode verify-ca$/),
      })
      const trusting = (await checksOf(far, { tls: { mode: 'require' } })).get('tls')
      expect(trusting).toMatchObject({ status: 'warning', nextStep: expect.stringContaining('verify-full') })
    } finally {
      await scratch.remove()
    }
  })
})
