import { inspect } from 'node:util'
import Database from 'better-sqlite3'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { storageError } from '../src/errors.ts'
import {
  BatchError,
  ConnectionError,
  DriverError,
  openStore,
  PoolError,
  QueryError,
  StorageError,
  type Store,
  TimeoutError,
  TransactionError,
  type WriterOptions,
} from '../src/index.ts'
import { type Backend, describeBackends } from './backends.ts'
import { thrown } from './pool/thrown.ts'
import { executeClickHouse } from './servers/clickhouse.ts'

const driverError = (code: string | undefined, message = 'what the driver said', more = {}) =>
  Object.assign(new Error(message), { ...(code === undefined ? {} : { code }), ...more })

describe('a driver’s error', () => {
  it.each([
    ['08006', ConnectionError, 'retry'],
    ['57P01', ConnectionError, 'retry'],
    ['ECONNREFUSED', ConnectionError, 'retry'],
    ['ECONNRESET', ConnectionError, 'retry'],
    ['EPIPE', ConnectionError, 'retry'],
    ['ETIMEDOUT', ConnectionError, 'retry'],
    ['CONNECTION_CLOSED', ConnectionError, 'retry'],
    ['CONNECTION_DESTROYED', ConnectionError, 'retry'],
    ['CONNECT_TIMEOUT', ConnectionError, 'retry'],
    ['28P01', ConnectionError, 'stop'],
    ['3D000', ConnectionError, 'stop'],
    ['SQLITE_CANTOPEN', ConnectionError, 'stop'],
    ['SQLITE_CANTOPEN_ISDIR', ConnectionError, 'stop'],
    ['SQLITE_NOTADB', ConnectionError, 'stop'],
    ['EACCES', ConnectionError, 'stop'],
    ['ENOTDIR', ConnectionError, 'stop'],
    ['40001', TransactionError, 'retry'],
    ['40P01', TransactionError, 'retry'],
    ['55P03', TransactionError, 'retry'],
    ['SQLITE_BUSY', TransactionError, 'retry'],
    ['SQLITE_BUSY_SNAPSHOT', TransactionError, 'retry'],
    ['57014', TimeoutError, 'retry'],
    ['53300', QueryError, 'retry'],
    ['53100', QueryError, 'retry'],
    ['22P02', QueryError, 'bisect'],
    ['22003', QueryError, 'bisect'],
    ['23505', QueryError, 'bisect'],
    ['54000', QueryError, 'bisect'],
    ['54001', QueryError, 'bisect'],
    ['SQLITE_CONSTRAINT_NOTNULL', QueryError, 'bisect'],
    ['SQLITE_TOOBIG', QueryError, 'bisect'],
    ['42P01', QueryError, 'stop'],
    ['42501', QueryError, 'stop'],
    ['SQLITE_FULL', QueryError, 'stop'],
    ['SQLITE_IOERR_WRITE', QueryError, 'stop'],
    ['SQLITE_CORRUPT', QueryError, 'stop'],
  ] as const)('%s is a %o whose rows the writer should %s', (code, type, recovery) => {
    const error = storageError(driverError(code), 'write 3 rows of spans')
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject({ recovery, retryable: recovery === 'retry', name: type.name })
    expect(error.message).toContain('Could not write 3 rows of spans')
    expect(error.message).toContain(`[${code}]`)
    expect(error.cause).toMatchObject({ driverCode: code })
  })

  // node-postgres gives these no code.
  it.each([
    'timeout expired',
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('without a code, “%s”, is a lost connection', (message) => {
    expect(storageError(driverError(undefined, message), 'write')).toMatchObject({
      code: 'connection',
      retryable: true,
    })
  })

  it('about a connection that never came free may be tried again', () => {
    const error = storageError(driverError(undefined, 'timeout exceeded when trying to connect'), 'write')
    expect(error).toBeInstanceOf(PoolError)
    expect(error.retryable).toBe(true)
  })

  it('is found below what wraps it', () => {
    const refused = driverError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432')
    const wrapped = new Error('Failed query: … params: secret', { cause: new AggregateError([refused], '') })
    expect(storageError(wrapped, 'query').message).toBe(
      'Could not query: connect ECONNREFUSED 127.0.0.1:5432 [ECONNREFUSED]. Is the server running, and is the port right?',
    )
  })

  it('names the table, the column and the constraint', () => {
    const error = storageError(
      driverError('23502', 'null', { table: 'spans', column: 'name', constraint: 'c' }),
      'write',
    )
    expect(error.message).toContain('(table spans, column name)')
    expect(error.cause).toMatchObject({ table: 'spans', column: 'name', constraint: 'c' })
  })

  it('that is one of ours stays as it is', () => {
    const error = new PoolError('closed')
    expect(storageError(error, 'write')).toBe(error)
    expect(storageError(new Error('outer', { cause: error }), 'write')).toBe(error)
  })

  it.each([undefined, null, 'text', 5, {}])('that is no error at all (%s) becomes one', (value) => {
    expect(storageError(value, 'write')).toBeInstanceOf(StorageError)
  })
})

const marker = 'MARKER-4f1d-do-not-tell'

/** Runs SQL on a store's database, as its owner might. */
const execute: Record<Backend['name'], (url: string, sql: string) => Promise<void>> = {
  async sqlite(url, sql) {
    const database = new Database(url.slice('sqlite:'.length))
    database.exec(sql)
    database.close()
  },
  async postgres(url, sql) {
    const client = new pg.Client(url)
    await client.connect()
    await client.query(sql).finally(() => client.end())
  },
  clickhouse: async (url, sql) => {
    await executeClickHouse(url, sql)
  },
}

const raise = (sqlState: string) => `
  create function tell() returns trigger language plpgsql as
    $$ begin raise exception 'told %', new.name using errcode = '${sqlState}', detail = new.name, hint = new.name; end $$;
  create trigger tell before insert on tracehold.spans for each row execute function tell()`

/** Ways in which an engine refuses a row and quotes it. */
const refusals: Record<Backend['name'], Record<string, string>> = {
  sqlite: {
    'a trigger': `create trigger tell before insert on tracehold_spans begin select raise(abort, 'told ' || new.name); end`,
    'a unique index': `insert into tracehold_spans (project_id, trace_id, span_id, name, kind, status, start_time, attributes, written_at)
      values ('p', 't', 's', '${marker}', 'llm', 'ok', 0, '{}', 0); create unique index one on tracehold_spans (name)`,
    'a missing column': 'alter table tracehold_spans rename column name to title',
    'a missing table': 'drop table tracehold_spans',
  },
  postgres: {
    'a trigger': raise('P0001'),
    'a trigger with a code of its own': raise('TH001'),
    'a trigger that feigns an internal error': raise('XX000'),
    'a check': `alter table tracehold.spans add constraint named check (name <> '${marker}')`,
    'a unique index': `insert into tracehold.spans (project_id, trace_id, span_id, name, kind, status, start_time, attributes, written_at)
      values ('p', 't', 's', '${marker}', 'llm', 'ok', now(), '{}', now()); create unique index one on tracehold.spans (name)`,
    'a narrower type': `alter table tracehold.spans alter column name type integer using 0`,
    'a missing column': 'alter table tracehold.spans rename column name to title',
    'a missing table': 'drop table tracehold.spans',
  },
  clickhouse: {
    'a check': `alter table spans add constraint named check name <> '${marker}'`,
    'a narrower type': 'alter table spans modify column name Int64',
    'a missing column': 'alter table spans rename column name to title',
    'a missing table': 'drop table spans',
  },
}

const prefixes: Record<Backend['name'], string> = { sqlite: 'tracehold_', postgres: 'tracehold.', clickhouse: '' }

/** Everything that a program could print of an error. */
const everything = (error: unknown) => {
  const all = [inspect(error, { depth: 10, showHidden: true })]
  for (let current = error; current instanceof Error; current = current.cause) {
    all.push(current.message, String(current.stack), JSON.stringify(current), JSON.stringify({ ...current }))
  }
  return all.join('\n')
}

describeBackends('no error tells content or a password', (backend) => {
  const password = () => (backend.name === 'postgres' ? new URL(backend.url()).password : 'no password')
  const open = async (writers: WriterOptions = {}): Promise<[Store, string]> => {
    const url = await backend.fresh()
    return [await openStore(url, { migrate: true, writers: { maxAttempts: 1, ...writers } }), url]
  }
  const expectSilence = (error: unknown) => {
    expect(error).toBeInstanceOf(StorageError)
    expect(everything(error)).not.toContain(marker)
    expect(everything(error)).not.toContain(password())
  }

  it.each(Object.entries(refusals[backend.name]))('of a row that the engine refuses: %s', async (_, sql) => {
    const heard: StorageError[] = []
    const [store, url] = await open({ onError: (error) => heard.push(error) })
    await execute[backend.name](url, sql)
    const { spans } = store.writers
    const row = { traceId: marker, spanId: 's', name: marker, startTime: new Date(), input: { prompt: marker } }
    const committed = await thrown(spans.write(row))
    expect(committed.message).toMatch(/^Could not (write|query)|rejected/)
    expectSilence(committed)
    if (committed instanceof BatchError) expect(JSON.stringify(committed.rejected)).not.toContain(marker)

    await spans.write(row, { ack: 'queued' })
    expectSilence(await thrown(spans.flush()))
    for (const error of heard) expectSilence(error)
    await store.close()
  })

  it('of a row that fails its checks', async () => {
    const [store] = await open()
    const bad = { traceId: marker.repeat(20), spanId: 's', name: 'n', startTime: marker, kind: marker, input: marker }
    const error = await thrown(store.writers.spans.write(bad as never))
    expect(error).toBeInstanceOf(BatchError)
    expect(everything(error)).toMatch(/startTime/)
    expectSilence(error)
    await store.close()
  })

  it('of a query that fails', async () => {
    const [store, url] = await open()
    const prefix = prefixes[backend.name]
    await execute[backend.name](url, `drop table ${prefix}traces; drop table ${prefix}spans`)
    for (const query of [
      () => store.traces.get(marker),
      () => store.traces.list({ name: marker }),
      () => store.spans.list({ traceId: [marker, 'other'] }),
      () => store.analytics.usage({ by: ['model'], name: marker }),
    ]) {
      const error = await thrown(query())
      expect(error).toMatchObject({ code: 'query', cause: expect.any(DriverError) })
      expect(error.message).toMatch(/tracehold migrate/)
      expectSilence(error)
    }
    await store.close()
  })

  it('of a stored document that is broken', async () => {
    const [store, url] = await open()
    await store.writers.spans.write({ traceId: 't', spanId: 's', name: 'n', startTime: new Date(), input: 'x' })
    if (backend.name === 'sqlite') {
      await execute.sqlite(url, `update tracehold_spans set input = '${marker}'`)
      expectSilence(await thrown(store.spans.get('t', 's')))
    } else if (backend.name === 'clickhouse') {
      await execute.clickhouse(
        url,
        `alter table spans update input = '${marker}' where true settings mutations_sync = 1`,
      )
      expectSilence(await thrown(store.spans.get('t', 's')))
    } else {
      // jsonb cannot hold one.
      await expect(execute.postgres(url, `update tracehold.spans set input = '${marker}'`)).rejects.toThrow(/json/)
    }
    await store.close()
  })
})
