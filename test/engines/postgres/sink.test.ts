import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import type { PostgresPool } from '../../../src/engines/postgres/pool.ts'
import { type NewSpan, openPool, SpanWriter } from '../../../src/index.ts'
import { EventWriter } from '../../../src/writers/writers.ts'
import { runs } from '../../runs.ts'
import type { TestDatabase } from '../../servers/databases.ts'
import { createMigrated } from '../../servers/migrated.ts'
import { cutAt, TcpProxy } from '../../servers/tcp-proxy.ts'
import { suiteStore } from '../../suite-store.ts'
import { makeSpans, spansPerTrace } from '../versioned-spans.ts'

let database: TestDatabase
const store = suiteStore(async () => {
  database = await createMigrated.postgres()
  return database
})
afterEach(async () => {
  await query('truncate tracehold.spans, tracehold.traces, tracehold.events')
})

async function query(text: string): Promise<unknown[][]> {
  const client = new pg.Client(database.url)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}

/** What must hold of every trace that `makeSpans` made: each span once, each sum right. */
async function expectExact(traces: number, version = 1): Promise<void> {
  const [[spans]] = (await query('select count(*)::int from tracehold.spans')) as [[number]]
  expect(spans).toBe(traces * spansPerTrace)
  const rows = await query(
    'select distinct span_count, input_tokens::int, cost_usd, name, status, (select count(*)::int from tracehold.traces) from tracehold.traces',
  )
  expect(rows).toEqual([[spansPerTrace, 9 * version, 0.9, `version ${version}`, 'ok', traces]])
}

describe.each(['copy', 'insert', 'auto'] as const)('method %s', (method) => {
  const withWriter = async <T>(work: (writer: SpanWriter) => Promise<T>): Promise<T> => {
    const writer = new SpanWriter(store().pool, { method })
    try {
      return await work(writer)
    } finally {
      await writer.close()
    }
  }

  it('stores new spans and their traces', () =>
    withWriter(async (writer) => {
      expect(await writer.write(makeSpans(40))).toEqual({ stored: 400, deduplicated: 0 })
      await expectExact(40)
    }))

  it('replaces stored spans, alone and among new ones', () =>
    withWriter(async (writer) => {
      await writer.write(makeSpans(30))
      expect(await writer.write(makeSpans(40, { version: 2 }))).toEqual({ stored: 400, deduplicated: 0 })
      await expectExact(40, 2)
    }))

  it('stores spans of a trace that has others already', () =>
    withWriter(async (writer) => {
      const spans = makeSpans(20)
      await writer.write(spans.filter((_, n) => n % 2 === 0))
      await writer.write(spans.filter((_, n) => n % 2 === 1))
      await expectExact(20)
    }))

  it('keeps a stored span that is newer, and says so', () =>
    withWriter(async (writer) => {
      await writer.write(makeSpans(20, { version: 2 }))
      await query("update tracehold.spans set written_at = now() + interval '1 day' where trace_id = 'trace-3'")
      expect(await writer.write(makeSpans(20, { version: 3 }))).toEqual({ stored: 190, deduplicated: 10 })
      expect(await query("select distinct name from tracehold.spans where trace_id = 'trace-3'")).toEqual([
        ['version 2'],
      ])
    }))

  it('stores events again and again', async () => {
    const writer = new EventWriter(store().pool, { method })
    const events = Array.from({ length: 100 }, (_, ordinal) => ({
      traceId: 't',
      spanId: 's',
      ordinal,
      name: 'tick',
      time: new Date(),
    }))
    expect(await writer.write(events)).toEqual({ stored: 100, deduplicated: 0 })
    expect(await writer.write(events)).toEqual({ stored: 100, deduplicated: 0 })
    expect(await query('select count(*)::int from tracehold.events')).toEqual([[100]])
    await writer.close()
  })
})

describe('COPY', () => {
  it('keeps every kind of value', async () => {
    const span: NewSpan = {
      traceId: 'ключ-🔑',
      spanId: 'quote \' " \\ \t\n',
      name: '',
      startTime: '1970-01-01T00:00:00.000001Z',
      endTime: '2255-06-05T23:47:34.740991Z',
      flags: Number.MAX_SAFE_INTEGER,
      costUsd: 1e-300,
      sequence: 0,
      attributes: { deep: [null, true, { 'a.b': -1.5e300 }], '': '' },
      input: '10.5',
      output: null,
    }
    await new SpanWriter(store().pool, { method: 'copy' }).write(span)
    const read = await store().spans.get(span.traceId, span.spanId)
    const { output: _, ...given } = span
    expect(read).toMatchObject(given)
  })

  it('is left for INSERT where another table refers to ours, whose rows stay', async () => {
    const writer = new SpanWriter(store().pool)
    await writer.write(makeSpans(20))
    await query(`create table public.notes (trace_id text, span_id text, project_id text default 'default',
      foreign key (project_id, trace_id, span_id) references tracehold.spans on delete cascade)`)
    await query("insert into public.notes values ('trace-0', 'span-0')")
    await writer.write(makeSpans(20, { version: 2 }))
    await expectExact(20, 2)
    expect(await query('select count(*)::int from public.notes')).toEqual([[1]])
    await query('drop table public.notes')
  })

  it('is left for INSERT where row-level security binds the role', async () => {
    await query(`create role bound_${process.pid} login password 'p';
      grant usage on schema tracehold to bound_${process.pid};
      grant select, insert, update on all tables in schema tracehold to bound_${process.pid};
      alter table tracehold.spans enable row level security;
      create policy one_project on tracehold.spans using (project_id = 'default')`)
    const url = new URL(database.url)
    url.username = `bound_${process.pid}`
    url.password = 'p'
    const pool = await openPool({ url: url.href })
    const writer = new SpanWriter(pool)
    try {
      await writer.write(makeSpans(20))
      await writer.write(makeSpans(20, { version: 2 }))
      await expectExact(20, 2)
    } finally {
      await pool.close()
      await query(`drop policy one_project on tracehold.spans; alter table tracehold.spans disable row level security;
        drop owned by bound_${process.pid}; drop role bound_${process.pid}`)
    }
  })
})

describe('a lost connection', () => {
  const openThrough = async (proxy: TcpProxy) => (await openPool({ url: proxy.url })) as PostgresPool
  const impatient = { retryDelayMs: 1, maxRetryDelayMs: 5, maxAttempts: 50 }

  it('in the middle of 100 batches loses no span and doubles none', async () => {
    const proxy = await TcpProxy.open(database.url)
    const pool = await openThrough(proxy)
    const writer = new SpanWriter(pool, { ...impatient, batchRows: 100 })
    // Every so many chunks a connection breaks, in whatever statement it is then.
    let chunks = 0
    proxy.onClientData = () => (++chunks % 37 === 0 ? 'cut' : 'pass')
    try {
      expect(await writer.write(makeSpans(1000))).toEqual({ stored: 10_000, deduplicated: 0 })
    } finally {
      proxy.onClientData = undefined
    }
    await expectExact(1000)
    expect(writer.stats()).toMatchObject({ accepted: 10_000, stored: 10_000, dropped: 0, pending: 0 })
    expect(writer.stats().retries).toBeGreaterThan(10)
    await pool.close()
    await proxy.close()
  })

  it('after a commit, again and again, stores every span once', async () => {
    const proxy = await TcpProxy.open(database.url)
    const pool = await openThrough(proxy)
    const writer = new SpanWriter(pool, { ...impatient, batchRows: 100 })
    const rounds = runs(20, 50)
    for (let round = 0; round < rounds; round += 1) {
      proxy.onServerData = cutAt('COMMIT')
      await writer.write(makeSpans(4, { first: round * 4 }))
    }
    await expectExact(rounds * 4)
    expect(writer.stats().retries).toBeGreaterThanOrEqual(rounds)
    await pool.close()
    await proxy.close()
  })
})

describe('bulk', () => {
  it('writes an iterable over several connections, and says how far it is', async () => {
    const seen: number[] = []
    const result = await store().writers.spans.bulk(makeSpans(2000), {
      connections: 3,
      onProgress: ({ stored }) => seen.push(stored),
    })
    expect(result).toEqual({ read: 20_000, stored: 20_000, deduplicated: 0, rejected: 0, rejections: [] })
    expect(seen.at(-1)).toBe(20_000)
    expect(seen.length).toBeGreaterThan(2)
    await expectExact(2000)
  })

  it('names the records that it could not store by their place', async () => {
    const spans = makeSpans(1000)
    spans[4321] = { ...spans[4321], spanId: '' } as NewSpan
    const result = await store().writers.spans.bulk(spans)
    expect(result).toMatchObject({ read: 10_000, stored: 9_999, rejected: 1 })
    expect(result.rejections).toEqual([{ index: 4321, code: 'validation', message: 'spanId must not be empty' }])
  })

  it('stops at an abort with what is on its way stored', async () => {
    const abort = new AbortController()
    const endless = function* () {
      for (let first = 0; ; first += 100) yield* makeSpans(100, { first })
    }
    const writing = store().writers.spans.bulk(endless(), { signal: abort.signal, onProgress: () => abort.abort() })
    await expect(writing).rejects.toThrow('aborted')
    const [[open]] = (await query('select count(*)::int from tracehold.spans')) as [[number]]
    expect(open).toBe(store().writers.spans.stats().stored - 20_000 - 9_999)
  })

  it('stops reading when the database stays away', async () => {
    const proxy = await TcpProxy.open(database.url)
    const pool = await openPool({ url: proxy.url })
    await proxy.close()
    let read = 0
    const counted = function* () {
      for (const span of makeSpans(10_000)) {
        read += 1
        yield span
      }
    }
    const writer = new SpanWriter(pool, { maxAttempts: 2, retryDelayMs: 1 })
    await expect(writer.bulk(counted())).rejects.toMatchObject({ code: 'connection' })
    expect(read).toBeLessThan(50_000)
    await pool.close()
  })
})
