import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { requireDriver } from '../../src/exporters/connect-clickhouse.ts'
import {
  ClickHouseExporter,
  type ClickHouseExporterOptions,
  ConfigError,
  createExporter,
  createExporters,
  loadConfig,
} from '../../src/index.ts'
import { InMemoryClickHouseClient } from '../../src/testing/index.ts'
import { llmRecords } from './records.ts'

const dsn = 'clickhouse://app:s3cret@ch.example:8443/agents?secure=true'
const password = 's3cret'

function thrown(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown')
}

const refused = (options: ClickHouseExporterOptions) => {
  const error = thrown(() => new ClickHouseExporter(options))
  expect(error).toBeInstanceOf(ConfigError)
  expect(String(error)).not.toMatch(password)
  return String(error)
}

/** What one export of 30 records sends. */
async function sent(options: ClickHouseExporterOptions = {}) {
  const client = new InMemoryClickHouseClient()
  await new ClickHouseExporter({ client, ...options }).export(llmRecords(30))
  const [first] = client.inserts
  const { async_insert, wait_for_async_insert } = first?.settings ?? {}
  const sizes = client.inserts.map(({ rows }) => rows.length)
  return {
    table: first?.table,
    sizes,
    async_insert,
    wait_for_async_insert,
    created: client.commands.length,
    columns: first?.columnNames.length,
  }
}

beforeEach(() => {
  for (const key of Object.keys(process.env)) if (key.includes('_CLICKHOUSE_')) vi.stubEnv(key, undefined)
})
afterEach(() => vi.unstubAllEnvs())

describe('the constructor refuses', () => {
  it('neither dsn nor client', () => {
    expect(refused({})).toMatch('needs a dsn, or TRACEHOLD_CLICKHOUSE_DSN')
    expect(refused({ dsn: '' })).toMatch('needs a dsn')
  })

  it.each(['clickhouse://', 'clickhouse:///agents', `clickhouse://app:${password}@`, 'http://', 'chdb:'])(
    'the dsn %s, without a place',
    (without) => {
      refused({ dsn: without })
    },
  )

  it.each([
    'localhost:8123',
    'postgres://app:s3cret@db/app',
    'clickhouse',
    'clickhouse://h/db?password=s3cret',
    `clickhouse://app:${password}@ho st/db`,
    `clickhouse://app:${password}%et@ch/db`,
    'clickhouse://ch/db%zz',
  ])('the dsn %s', (wrong) => {
    refused({ dsn: wrong })
  })

  it.each(['bad table; DROP', '', 'a.b.c', '1st', 'a.', '`a`', 'a b', 'tab\n', 'ü'])('the table %j', (table) => {
    expect(refused({ dsn, table })).toMatch('NAME or DATABASE.NAME')
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('the batch size %d', (batchSize) => {
    expect(refused({ dsn, batchSize })).toMatch(
      'batchSize of the ClickHouse exporter must be a whole number, 1 or more',
    )
  })

  it.each(['0', 'many', '1.5', '-5', '1e3'])('the batch size %j of a variable, and names it', (value) => {
    vi.stubEnv('FORGESIGHT_CLICKHOUSE_BATCH_SIZE', value)
    expect(refused({ dsn })).toMatch('FORGESIGHT_CLICKHOUSE_BATCH_SIZE')
  })

  it('a missing driver, with what to install', () => {
    const missing = () => {
      throw Object.assign(new Error('not found'), { code: 'MODULE_NOT_FOUND' })
    }
    const error = thrown(() => requireDriver('@clickhouse/client', missing))
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toMatch("'@clickhouse/client' is not installed. Run: npm install @clickhouse/client")
  })
})

describe('an option that is left out', () => {
  it('has its default', async () => {
    expect(await sent()).toEqual({
      table: 'agentforge_records',
      sizes: [30],
      async_insert: 1,
      wait_for_async_insert: 0,
      created: 0,
      columns: 26,
    })
  })

  it.each(['TRACEHOLD', 'FORGESIGHT'])('comes from %s_CLICKHOUSE_…', async (prefix) => {
    const variables = {
      TABLE: 'db.env_records',
      BATCH_SIZE: '20',
      ASYNC_INSERT: 'false',
      WAIT_ASYNC: 'yes',
      CREATE_TABLE: 'True',
      SPAN_COLUMNS: ' ON ',
    }
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(`${prefix}_CLICKHOUSE_${name}`, value)
    expect(await sent()).toEqual({
      table: 'db.env_records',
      sizes: [20, 10],
      async_insert: 0,
      wait_for_async_insert: 1,
      created: 1,
      columns: 28,
    })
    expect(await sent({ table: 'mine', batchSize: 25, asyncInsert: true, createTable: false })).toMatchObject({
      table: 'mine',
      sizes: [25, 5],
      async_insert: 1,
      created: 0,
    })
  })

  it('comes from our own variable before theirs, and not from an empty one', async () => {
    vi.stubEnv('FORGESIGHT_CLICKHOUSE_TABLE', 'theirs')
    vi.stubEnv('TRACEHOLD_CLICKHOUSE_TABLE', '')
    expect(await sent()).toMatchObject({ table: 'theirs' })
    vi.stubEnv('TRACEHOLD_CLICKHOUSE_TABLE', 'ours')
    expect(await sent()).toMatchObject({ table: 'ours' })
    vi.stubEnv('FORGESIGHT_CLICKHOUSE_DSN', dsn)
    expect(new ClickHouseExporter()).toBeInstanceOf(ClickHouseExporter)
  })

  it.each([
    ['1', 1],
    ['TRUE', 1],
    ['Yes', 1],
    ['on', 1],
    ['0', 0],
    ['off', 0],
    ['perhaps', 0],
  ])('takes %j of a variable for %d', async (value, async_insert) => {
    vi.stubEnv('FORGESIGHT_CLICKHOUSE_ASYNC_INSERT', value)
    expect(await sent()).toMatchObject({ async_insert })
  })
})

describe('members that are kept as text', () => {
  const created = async (options: ClickHouseExporterOptions = {}) => {
    const client = new InMemoryClickHouseClient()
    await new ClickHouseExporter({ client, createTable: true, ...options }).export(llmRecords(1))
    return /metadata (.*)/.exec(client.commands[0] ?? '')?.[1]
  }
  const typed = 'JSON(`team` LowCardinality(Nullable(String)), `user.plan` LowCardinality(Nullable(String)))'

  it('are those of the option, else of the variable, else none', async () => {
    expect(await created()).toBe('JSON')
    expect(await created({ textMembers: ['team', 'user.plan'] })).toBe(typed)
    vi.stubEnv('TRACEHOLD_CLICKHOUSE_TEXT_MEMBERS', ' team, user.plan ')
    expect(await created()).toBe(typed)
    expect(await created({ textMembers: [] })).toBe('JSON')
  })

  it('are named in a configuration as a list or with commas between them', () => {
    for (const text_members of [['team'], 'team, user.plan']) {
      expect(createExporter('clickhouse', { dsn, text_members })).toBeInstanceOf(ClickHouseExporter)
    }
  })

  it.each(['', 'team`', 'a b', 'a..b', "x') --"])('cannot be called %j', (member) => {
    expect(refused({ dsn, textMembers: ['team', member] })).toMatch('must be names with dots between them')
  })
})

describe('a batch size above the maximum', () => {
  it('is clamped, with one warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const client = new InMemoryClickHouseClient()
    const exporter = new ClickHouseExporter({ client, batchSize: 5000 })
    await exporter.export(llmRecords(1025))
    await exporter.export(llmRecords(1))
    expect(client.inserts.map(({ rows }) => rows.length)).toEqual([512, 512, 1, 1])
    expect(warn.mock.calls.map(([message]) => message)).toEqual([expect.stringMatching(/5000 .* 512 is used/)])
    warn.mockRestore()
  })

  it('is told of only when somebody chose it', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(await sent({ maxExportBatchSize: 20 })).toMatchObject({ sizes: [20, 10] })
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
    expect(refused({ dsn, maxExportBatchSize: 0 })).toMatch('maxExportBatchSize')
  })
})

describe('createExporter', () => {
  it('makes an exporter by its name, from a configuration in either spelling', () => {
    const config = { dsn, batch_size: '64', asyncInsert: 'yes', wait_for_async_insert: true, create_table: false }
    expect(createExporter('clickhouse', config)).toBeInstanceOf(ClickHouseExporter)
    expect(
      createExporters([
        { name: 'clickhouse', config },
        { name: 'clickhouse', config },
      ]),
    ).toHaveLength(2)
    expect(createExporters(undefined)).toEqual([])
  })

  it('makes what a configuration file lists', () => {
    const cwd = mkdtempSync(join(inject('servers').directory, 'config-'))
    const lines = ['exporters:', '  - name: clickhouse', '    config:', `      dsn: ${dsn}`, '      batch_size: 64']
    writeFileSync(join(cwd, 'tracehold.config.yaml'), lines.join('\n'))
    expect(createExporters(loadConfig({}, { cwd, env: {} }).exporters)).toHaveLength(1)
  })

  it.each([
    [() => createExporter('clickhose', { dsn }), "There is no exporter 'clickhose'. There is: clickhouse."],
    [() => createExporter('clickhouse', { dsn, batchsize: 3 }), 'batchsize'],
    [() => createExporter('clickhouse', { dsn, batch_size: 'many' }), 'batchSize'],
    [() => createExporter('clickhouse', { dsn, createTable: 'perhaps' }), 'createTable'],
    [() => createExporter('clickhouse', { dsn, table: 'bad table; DROP' }), 'NAME or DATABASE.NAME'],
    [() => createExporter('clickhouse'), 'needs a dsn'],
    [() => createExporters({ name: 'clickhouse' }), 'exporters cannot be used'],
    [() => createExporters([{ config: {} }]), '0.name'],
  ])('says what is wrong with a configuration: %#', (make, message) => {
    const error = thrown(make)
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toMatch(password)
  })
})
