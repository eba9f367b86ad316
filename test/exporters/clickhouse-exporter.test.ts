import { describe, expect, it } from 'vitest'
import {
  type AgentRecord,
  type BatchError,
  ClickHouseExporter,
  COLUMNS,
  type InsertCall,
  type StorageError,
} from '../../src/index.ts'
import { InMemoryClickHouseClient } from '../../src/testing/index.ts'
import { llmRecord, llmRecords } from './records.ts'

/** Fails calls by a rule; keeps what passed. */
class FailingClient extends InMemoryClickHouseClient {
  readonly #fails: (call: InsertCall | string, count: number) => boolean
  #calls = 0

  constructor(fails: (call: InsertCall | string, count: number) => boolean) {
    super()
    this.#fails = fails
  }

  #check(call: InsertCall | string): void {
    this.#calls += 1
    if (this.#fails(call, this.#calls)) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  }

  override insert(call: InsertCall): void {
    this.#check(call)
    super.insert(call)
  }

  override command(statement: string): void {
    this.#check(statement)
    super.command(statement)
  }
}

const sizes = ({ inserts }: InMemoryClickHouseClient) => inserts.map(({ rows }) => rows.length)

function open(options = {}, client = new InMemoryClickHouseClient()) {
  const errors: StorageError[] = []
  const onError = (error: StorageError) => void errors.push(error)
  return { client, errors, exporter: new ClickHouseExporter({ client, onError, ...options }) }
}

describe('export', () => {
  it('makes one insert of a batch, with the columns by name', async () => {
    const { client, exporter } = open({ table: 'my_db.records' })
    expect(await exporter.export(llmRecords(50))).toBe('SUCCESS')
    expect(sizes(client)).toEqual([50])
    expect(client.inserts[0]).toMatchObject({ table: 'my_db.records', columnNames: COLUMNS })
    expect(client.rows[0]?.[0]).toBe('01J9Z3K7P8QF2R5V6W7X8Y9Z0A')
  })

  it('splits 25 records by a batch size of 10 into 10, 10 and 5', async () => {
    const { client, exporter } = open({ batchSize: 10 })
    expect(await exporter.export(llmRecords(25))).toBe('SUCCESS')
    expect(sizes(client)).toEqual([10, 10, 5])
  })

  it('calls nobody for an empty batch', async () => {
    const { client, exporter } = open({ createTable: true })
    expect(await exporter.export([])).toBe('SUCCESS')
    expect([client.inserts, client.commands]).toEqual([[], []])
  })

  it.each([
    [{}, 1, 0],
    [{ asyncInsert: false, waitForAsyncInsert: true }, 0, 1],
  ])('sends %j as 1 or 0 on every insert', async (options, async_insert, wait_for_async_insert) => {
    const { client, exporter } = open({ ...options, batchSize: 1 })
    await exporter.export(llmRecords(2))
    expect(client.inserts).toHaveLength(2)
    for (const { settings } of client.inserts) expect(settings).toMatchObject({ async_insert, wait_for_async_insert })
  })

  it('takes spans as tracehold keeps them, among records', async () => {
    const { client, exporter } = open()
    const span = {
      traceId: 't',
      spanId: 's',
      name: 'chat',
      kind: 'llm',
      startTime: new Date(1),
      model: 'gpt-4o',
    } as const
    expect(await exporter.export([llmRecord(), span])).toBe('SUCCESS')
    expect(client.rowsAsObjects()[1]).toMatchObject({ kind: 'llm', model: 'gpt-4o', start_time: 1_000_000n })
  })
})

describe('a failure', () => {
  it('is an answer and never a throw', async () => {
    const { errors, exporter } = open({}, new FailingClient(() => true))
    expect(await exporter.export([llmRecord()])).toBe('FAILURE')
    expect(errors[0]).toMatchObject({ code: 'connection', retryable: true })
    expect(errors[0]?.message).toMatch('Could not store 1 records in agentforge_records')
  })

  it('is told of once while it lasts', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error) => void (warning.name === 'TraceholdWarning' && warnings.push(warning))
    process.on('warning', listen)
    const client = new FailingClient((_, count) => count !== 3)
    const exporter = new ClickHouseExporter({ client })
    const results = []
    for (let i = 0; i < 5; i += 1) results.push(await exporter.export([llmRecord(`${i}`)]))
    await new Promise(setImmediate)
    process.off('warning', listen)
    expect(results).toEqual(['FAILURE', 'FAILURE', 'SUCCESS', 'FAILURE', 'FAILURE'])
    expect(warnings).toHaveLength(2)
  })

  it('holds whatever a record or a listener does', async () => {
    const broken = new Proxy(llmRecord(), {
      get() {
        throw new Error('boom')
      },
    })
    const onError = () => {
      throw new Error('boom')
    }
    expect(await open({ onError }).exporter.export([broken])).toBe('FAILURE')
  })

  it.each([undefined, null, 'x', {}, [null], [{}]])('is the answer to %j', async (records) => {
    const { client, errors, exporter } = open()
    expect(await exporter.export(records as never)).toBe('FAILURE')
    expect([errors.length, client.inserts]).toEqual([1, []])
  })

  it('after other inserts of the batch leaves those out when the batch comes again', async () => {
    const client = new FailingClient((_, count) => count === 3)
    const { exporter } = open({ batchSize: 10 }, client)
    expect(await exporter.export(llmRecords(25))).toBe('FAILURE')
    expect(sizes(client)).toEqual([10, 10])
    expect(await exporter.export([llmRecord('between')])).toBe('SUCCESS')
    expect(await exporter.export(llmRecords(25))).toBe('SUCCESS')
    expect(sizes(client)).toEqual([10, 10, 1, 5])
    // What comes a third time is meant: only the server's memory of tokens decides about it.
    expect(await exporter.export(llmRecords(25))).toBe('SUCCESS')
    expect(sizes(client)).toEqual([10, 10, 1, 5, 10, 10, 5])
  })

  it('leaves the token of an insert as it was: it follows from the rows', async () => {
    const { client, exporter } = open({ batchSize: 10 })
    await exporter.export(llmRecords(25))
    await new ClickHouseExporter({ client, batchSize: 10 }).export(llmRecords(25))
    await exporter.export(llmRecords(9))
    const tokens = client.inserts.map(({ settings }) => settings.insert_deduplication_token)
    expect(tokens.slice(3, 6)).toEqual(tokens.slice(0, 3))
    expect(new Set(tokens).size).toBe(4)
  })
})

describe('records that cannot be stored', () => {
  it('cost no other record, and are named; what was stored is not stored again with them', async () => {
    const { client, errors, exporter } = open({ batchSize: 2 })
    const span = { traceId: 't', spanId: 's', name: 'secret', startTime: new Date(-1) }
    const readsNothing = {
      get startUnixNanos(): bigint {
        throw new Error('secret')
      },
    }
    const batch = [
      ...llmRecords(2),
      span,
      { ...span, startTime: new Date(Number.NaN) },
      { ...span, startTime: '2026-11-20' },
      { ...llmRecord(), endUnixNanos: 1.7e18 },
      readsNothing,
      null,
      { ...span, startTime: '2026-11-20T10:03:00Z' },
    ] as AgentRecord[]
    expect(await exporter.export(batch)).toBe('FAILURE')
    expect(await exporter.export(batch)).toBe('FAILURE')
    expect(sizes(client)).toEqual([2, 1])
    expect(errors).toHaveLength(2)
    expect(errors[0]).toMatchObject({ stored: 3, rejected: [2, 3, 4, 5, 6, 7].map((index) => ({ index })) })
    const messages = (errors[0] as BatchError).rejected.map(({ message }) => message)
    for (const message of messages.slice(0, 3)) expect(message).toMatch(/startTime must be .* from 1970/)
    expect(messages.slice(3)).toEqual([
      'Invalid record: endUnixNanos must be a bigint',
      ...Array.from({ length: 2 }, () => 'cannot be read as a record or a span'),
    ])
    expect(String(errors[0])).not.toMatch('secret')
  })
})

describe('the table', () => {
  it('is made once, before the first insert', async () => {
    const { client, exporter } = open({ createTable: true, table: 'my_db.records' })
    await Promise.all([exporter.export(llmRecords(1)), exporter.export(llmRecords(2))])
    await exporter.export(llmRecords(3))
    expect(client.commands).toHaveLength(1)
    expect(client.commands[0]).toMatch(/^CREATE TABLE IF NOT EXISTS my_db\.records\s/)
    expect(client.commands[0]).not.toMatch('agentforge')
  })

  it('is tried again after it could not be made', async () => {
    const client = new FailingClient((_, count) => count === 1)
    const { errors, exporter } = open({ createTable: true }, client)
    expect(await exporter.export(llmRecords(1))).toBe('FAILURE')
    expect(client.inserts).toEqual([])
    expect(errors[0]?.message).toMatch('make the table')
    expect(await exporter.export(llmRecords(1))).toBe('SUCCESS')
    expect([client.commands.length, client.inserts.length]).toEqual([1, 1])
  })

  it('is not touched unless asked', async () => {
    const { client, exporter } = open()
    await exporter.export(llmRecords(1))
    expect(client.commands).toEqual([])
  })
})

describe('the end', () => {
  it('closes the client once, and later exports fail without a throw', async () => {
    const { client, errors, exporter } = open()
    await exporter.shutdown()
    expect(client.closed).toBe(true)
    await exporter.shutdown()
    expect(await exporter.export(llmRecords(1))).toBe('FAILURE')
    expect(errors[0]?.message).toMatch('shut down')
    expect(await exporter.forceFlush()).toBe(true)
  })

  it('waits for exports that are under way, and so does a flush', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const done: string[] = []
    const insert = async () => {
      await gate
      done.push('stored')
    }
    const exporter = new ClickHouseExporter({
      client: { insert, command: () => {}, close: () => void done.push('closed') },
    })
    const exported = exporter.export(llmRecords(1)).then((result) => done.push(result))
    const flushed = exporter.forceFlush().then(() => done.push('flushed'))
    const ended = exporter.shutdown()
    open()
    await Promise.all([exported, flushed, ended])
    expect(done[0]).toBe('stored')
    expect(done.at(-1)).toBe('closed')
  })

  it('a flush tells of an export under way that fails', async () => {
    const { exporter } = open({}, new FailingClient((_, count) => count === 1))
    const [result, flushed] = await Promise.all([exporter.export(llmRecords(1)), exporter.forceFlush()])
    expect([result, flushed]).toEqual(['FAILURE', false])
    expect(await exporter.forceFlush()).toBe(true)
  })

  it('does not throw when the client cannot be closed, and connects to nothing just to close it', async () => {
    const client = new InMemoryClickHouseClient()
    client.close = () => {
      throw new Error('no')
    }
    await open({}, client).exporter.shutdown()
    await new ClickHouseExporter({ dsn: 'clickhouse://nowhere.invalid/db' }).shutdown()
  })
})
