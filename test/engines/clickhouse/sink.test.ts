import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClickHousePool } from '../../../src/engines/clickhouse/pool.ts'
import { ConnectionError, type NewSpan, openPool, openStore, SpanWriter, Store } from '../../../src/index.ts'
import { runs } from '../../runs.ts'
import { type ClickHouseServer, startClickHouse } from '../../servers/clickhouse.ts'
import type { TestDatabase } from '../../servers/databases.ts'
import { createMigrated } from '../../servers/migrated.ts'
import { makeSpans, spansPerTrace } from '../versioned-spans.ts'

let database: TestDatabase
let store: Store
let pool: ClickHousePool

beforeAll(async () => {
  database = await createMigrated.clickhouse()
  store = await openStore(database.url, { migrate: true, writers: { retryDelayMs: 1 } })
  pool = store.pool as ClickHousePool
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

let projects = 0
const freshProject = () => store.forProject(`project-${projects++}`)

/** What lies in a table, versions that lost and repeats included. */
const physicalRows = async (table: string, projectId: string) => {
  const [[count] = []] = await pool.rows(
    `select count() from ${table} where project_id = {p0:String} settings final = 0`,
    [projectId],
  )
  return count
}

/** Lets `fail` decide what happens after an insert into a table has been stored. */
function afterInserts(fail: (table: string) => void): () => void {
  const original = pool.insertBinary.bind(pool)
  pool.insertBinary = async (table, columns, chunks, options) => {
    await original(table, columns, chunks, options)
    fail(table)
  }
  return () => {
    pool.insertBinary = original
  }
}

describe('a reply that is lost after the insert', () => {
  it('stores the batch once, round after round', async () => {
    const project = freshProject()
    const rounds = runs(25, 100)
    // Merging would leave out a repeat as well, some time.
    for (const table of ['spans', 'events']) await pool.command(`SYSTEM STOP MERGES ${table}`)
    let losses = 0
    const restore = afterInserts((table) => {
      if (table === 'trace_times') return
      losses += 1
      if (losses % 2 === 1) throw new ConnectionError('The reply was lost.', { recovery: 'retry' })
    })
    try {
      for (let round = 0; round < rounds; round += 1) {
        const spans = makeSpans(2, { first: round * 2 })
        const events = spans.map(({ traceId, spanId }) => ({
          traceId,
          spanId,
          ordinal: 0,
          name: 'e',
          time: new Date(),
        }))
        const writing = round % 5 === 0 ? project.writers.spans.write(spans) : project.writers.events.write(events)
        expect(await writing).toEqual({ stored: 20, deduplicated: 0 })
      }
    } finally {
      restore()
      for (const table of ['spans', 'events']) await pool.command(`SYSTEM START MERGES ${table}`)
    }
    expect(losses).toBe(2 * rounds)
    expect(project.writers.spans.stats()).toMatchObject({
      accepted: rounds * 4,
      stored: rounds * 4,
      retries: rounds / 5,
      pending: 0,
    })
    expect(project.writers.events.stats()).toMatchObject({
      accepted: rounds * 16,
      stored: rounds * 16,
      retries: (rounds * 4) / 5,
      pending: 0,
    })
    expect(await physicalRows('spans', project.projectId)).toBe(rounds * 4)
    expect(await physicalRows('events', project.projectId)).toBe(rounds * 16)
    const rows = await pool.rows(
      'select count(), sum(span_count), sum(input_tokens) from traces where project_id = {p0:String}',
      [project.projectId],
    )
    expect(rows).toEqual([[(rounds * 2) / 5, rounds * 4, (rounds * 18) / 5]])
  }, 120_000)

  it('stores runs that are saved whole once, with what they replace gone', async () => {
    const project = freshProject()
    const run = (version: number) => ({
      trace: { traceId: 'trace-0', name: `run ${version}` },
      spans: makeSpans(1, { version })
        .slice(0, 10 - version)
        .map((span) => ({ ...span, scope: { name: 'selectools' } })),
    })
    await project.writers.runs.save([run(1)], { source: 'selectools' })
    let losses = 0
    const restore = afterInserts((table) => {
      if (table === 'spans' && losses++ === 0) throw new ConnectionError('The reply was lost.', { recovery: 'retry' })
    })
    try {
      expect(await project.writers.runs.save([run(3)], { source: 'selectools' })).toEqual({ stored: 1 })
    } finally {
      restore()
    }
    const [[name, spans, tokens] = []] = await pool.rows(
      'select name, span_count, input_tokens from traces where project_id = {p0:String}',
      [project.projectId],
    )
    expect([name, spans, tokens]).toEqual(['run 3', 7, 18])
    const [[stored] = []] = await pool.rows('select count() from spans where project_id = {p0:String}', [
      project.projectId,
    ])
    expect(stored).toBe(7)
  })
})

describe('rows that come again', () => {
  it('are replaced, whichever batch they are in', async () => {
    const project = freshProject()
    await project.writers.spans.write(makeSpans(20))
    await project.writers.spans.write(makeSpans(20, { first: 10, version: 5 }))
    const rows = await pool.rows(
      'select count(), sum(input_tokens) from (select * from spans where project_id = {p0:String})',
      [project.projectId],
    )
    expect(rows).toEqual([[300, 9 * (10 * 1 + 20 * 5)]])
    expect((await project.traces.get('trace-12'))?.inputTokens).toBe(45)
  })

  it('lose to a stored row with a higher stamp, and are counted', async () => {
    const project = freshProject()
    await project.writers.spans.write(makeSpans(2))
    await pool.command(
      `INSERT INTO spans (project_id, trace_id, span_id, name, kind, status, start_time, attributes, written_at)
       SELECT project_id, trace_id, span_id, 'from tomorrow', kind, status, start_time, attributes,
         written_at + toIntervalDay(1) FROM spans WHERE project_id = {p0:String} AND trace_id = 'trace-1'`,
      { params: { p0: project.projectId } },
    )
    expect(await project.writers.spans.write(makeSpans(3, { version: 2 }))).toEqual({ stored: 20, deduplicated: 10 })
    const names = await pool.rows(
      'select trace_id, any(name) from spans where project_id = {p0:String} group by 1 order by 1',
      [project.projectId],
    )
    expect(names).toEqual([
      ['trace-0', 'version 2'],
      ['trace-1', 'from tomorrow'],
      ['trace-2', 'version 2'],
    ])
  })
})

describe('writers at once', () => {
  it('leave every trace row as all of its spans have it', async () => {
    const project = freshProject()
    const spans = makeSpans(20)
    // Every writer has one span of each trace, so that all of them work out the same rows.
    const writers = Array.from({ length: spansPerTrace }, () => new Store(pool, { projectId: project.projectId }))
    await Promise.all(
      writers.map((writer, place) =>
        writer.writers.spans.write(spans.filter((span) => span.spanId === `span-${place}`)),
      ),
    )
    const rows = await pool.rows(
      `select count(), min(span_count), max(span_count), min(input_tokens), uniqExact(name)
       from traces where project_id = {p0:String}`,
      [project.projectId],
    )
    expect(rows).toEqual([[20, 10, 10, 9, 1]])
  }, 60_000)

  it('do not lose what an author said while spans came', async () => {
    const project = freshProject()
    const other = new Store(pool, { projectId: project.projectId })
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 2 === 0
          ? project.writers.spans.write(makeSpans(3, { first: n }))
          : other.writers.traces.write({ traceId: `trace-${n}`, name: 'as I say', metadata: { n } }),
      ),
    )
    await project.writers.spans.write(makeSpans(12))
    const { items } = await project.traces.list({ limit: 100 })
    const said = items.filter(({ name }) => name === 'as I say')
    expect(said.map(({ metadata, spanCount }) => [metadata, spanCount])).toEqual(
      said.map(({ traceId }) => [{ n: Number(traceId.slice('trace-'.length)) }, 10]),
    )
    expect(said).toHaveLength(6)
  }, 60_000)
})

describe('a batch over more time than one insert may touch', () => {
  it('is stored in several, each row once', async () => {
    const project = freshProject()
    const months = 260
    const logs = Array.from({ length: months * 2 }, (_, n) => ({
      logId: `log-${n}`,
      time: new Date(Date.UTC(2000, n % months, 3)),
      body: `of month ${n % months}`,
    }))
    expect(await project.writers.logs.write(logs)).toEqual({ stored: months * 2, deduplicated: 0 })
    expect(await physicalRows('logs', project.projectId)).toBe(months * 2)
  })
})

describe('a row that the engine refuses', () => {
  it('costs one row, and says which', async () => {
    const project = freshProject()
    await pool.command("ALTER TABLE logs ADD CONSTRAINT no_poison CHECK body_text != 'poison'")
    try {
      const logs = Array.from({ length: 50 }, (_, n) => ({ logId: `log-${n}`, body: n === 33 ? 'poison' : 'good' }))
      const error = await project.writers.logs.write(logs).catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'batch', stored: 49, rejected: [{ index: 33, code: 'query' }] })
      expect(String(error)).not.toContain('poison')
      expect(await physicalRows('logs', project.projectId)).toBe(49)
    } finally {
      await pool.command('ALTER TABLE logs DROP CONSTRAINT no_poison')
    }
  })
})

describe('values', () => {
  it('come back as they were written', async () => {
    const project = freshProject()
    const texts = [
      '',
      'x',
      'é'.repeat(63),
      '日本'.repeat(40),
      'a'.repeat(127),
      'a'.repeat(128),
      'ü'.repeat(70),
      '🙂'.repeat(8_000),
    ]
    const spans = texts.map(
      (text, n): NewSpan => ({
        traceId: 'trace',
        spanId: `span-${n}`,
        name: text || 'empty',
        startTime: `2026-11-20T10:03:00.${String(n).padStart(6, '0')}Z`,
        costUsd: n / 3,
        inputTokens: 2 ** 40 + n,
        sequence: n,
        statusMessage: text,
        attributes: { text, nothing: null, 'a.b': 1, a: { b: [1, 2.5, true] } },
        tags: [text],
      }),
    )
    await project.writers.spans.write(spans)
    const { spans: table } = project.tables
    const stored = await project.db.select().from(table).where(eq(table.projectId, project.projectId))
    const byId = new Map(stored.map((span) => [span.spanId, span]))
    for (const span of spans) {
      const { spanId, attributes, tags, statusMessage, costUsd, inputTokens, startTime, name, sequence } = span
      expect(byId.get(spanId)).toMatchObject({
        attributes,
        tags,
        statusMessage,
        costUsd,
        inputTokens,
        startTime,
        name,
        sequence,
      })
    }
  })

  it('of a batch larger than a block are all there', async () => {
    const project = freshProject()
    const points = Array.from({ length: 20_000 }, (_, n) => ({
      pointId: `p-${n}`,
      metricName: 'm',
      value: n,
      isMonotonic: n % 2 === 0,
      time: new Date(1_760_000_000_000 + n),
    }))
    const writer = new Store(pool, { projectId: project.projectId, writers: { batchRows: 20_000 } }).writers
      .metricPoints
    expect(await writer.write(points)).toEqual({ stored: 20_000, deduplicated: 0 })
    expect(writer.stats().batches).toBe(1)
    const rows = await pool.rows(
      'select count(), sum(value), countIf(is_monotonic) from metric_points where project_id = {p0:String}',
      [project.projectId],
    )
    expect(rows).toEqual([[20_000, 199_990_000, 10_000]])
  })
})

describe('deleting traces', () => {
  it('takes all that belongs to them, and a trace may be written again', async () => {
    const project = freshProject()
    await project.writers.spans.write(makeSpans(5))
    await project.writers.traces.write({ traceId: 'trace-3', name: 'mine' })
    await project.writers.events.write([
      { traceId: 'trace-3', spanId: 'span-0', ordinal: 0, name: 'e', time: new Date() },
    ])
    expect(await project.writers.traces.delete(['trace-3', 'trace-4', 'never'])).toBe(2)
    for (const [table, left] of [
      ['traces', 3],
      ['spans', 30],
      ['events', 0],
      ['authored_traces', 0],
    ] as const) {
      const [[count] = []] = await pool.rows(`select count() from ${table} where project_id = {p0:String}`, [
        project.projectId,
      ])
      expect(count, table).toBe(left)
    }
    await project.writers.spans.write(makeSpans(1, { first: 3 }))
    expect(await project.traces.get('trace-3')).toMatchObject({ name: 'version 1', spanCount: 10 })
  })
})

describe('deleting a trace while another writer writes it', () => {
  /** Has something done when a delete comes to a table: what it deleted before is gone by then, the rest is there. */
  const whenDeleting = (table: string, act: () => Promise<unknown>) => {
    const original = pool.command.bind(pool)
    pool.command = async (text, options) => {
      if (text.startsWith(`delete from ${table} `)) {
        pool.command = original
        await act()
      }
      return original(text, options)
    }
  }
  const stored = (project: Store) =>
    pool.rows('select span_count, input_tokens, name from traces where project_id = {p0:String}', [project.projectId])
  const span = (spanId: string, hour: number): NewSpan => ({
    ...{ traceId: 't', spanId, name: spanId, inputTokens: 1 },
    startTime: `2026-11-20T${hour}:00:00Z`,
  })

  it.each(['authored_traces', 'trace_times', 'traces'])(
    'leaves a span that came before the delete from %s in a trace that counts it',
    async (table) => {
      const project = freshProject()
      const other = new Store(pool, { projectId: project.projectId })
      await project.writers.spans.write(span('deleted', 10))
      await project.writers.traces.write({ traceId: 't', name: 'mine' })
      whenDeleting(table, () => other.writers.spans.write(span('kept', 12)))
      expect(await project.writers.traces.delete('t')).toBe(1)
      expect(await stored(project)).toEqual([[1, 1, 'kept']])
      // Who works it out again finds the span in its hour.
      await project.writers.spans.write(span('later', 15))
      expect(await stored(project)).toEqual([[2, 2, 'kept']])
    },
  )

  it('leaves what an author said meanwhile', async () => {
    const project = freshProject()
    const other = new Store(pool, { projectId: project.projectId })
    await project.writers.spans.write(span('deleted', 10))
    whenDeleting('trace_times', () => other.writers.traces.write({ traceId: 't', name: 'as I say' }))
    expect(await project.writers.traces.delete('t')).toBe(1)
    expect(await stored(project)).toEqual([[0, null, 'as I say']])
  })
})

describe('a server', () => {
  let server: ClickHouseServer
  beforeAll(async () => {
    server = await startClickHouse()
  })
  afterAll(() => server.stop())

  it.each([{ asyncInsert: false }, { asyncInsert: true, compression: 'gzip' as const }])(
    'takes batches over HTTP: %j',
    async (options) => {
      const remote = await openStore(await server.create(), { migrate: true, ...options })
      try {
        expect(await remote.writers.spans.write(makeSpans(200))).toEqual({ stored: 2_000, deduplicated: 0 })
        const rows = await (remote.pool as ClickHousePool).rows(
          'select count(), sum(span_count), sum(input_tokens) from traces',
          [],
        )
        expect(rows).toEqual([[200, 2_000, 1_800]])
      } finally {
        await remote.close()
      }
    },
  )

  it('with a full disk is told of as such, and not asked again', async () => {
    let requests = 0
    const full = createServer((request, response) => {
      requests += 1
      request.resume()
      response.writeHead(500, { 'X-ClickHouse-Exception-Code': '243' })
      response.end(
        'Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE) (version 26.7)',
      )
    })
    full.listen(0, '127.0.0.1')
    await once(full, 'listening')
    const { port } = full.address() as AddressInfo
    const remote = await openPool({ url: `clickhouse://127.0.0.1:${port}/tracehold` })
    try {
      const writer = new SpanWriter(remote, { retryDelayMs: 1 })
      const error = await writer.write(makeSpans(1)).catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'query', retryable: false })
      expect(String(error)).toMatch(/CLICKHOUSE_243.*The disk is full/)
      expect(requests).toBe(1)
    } finally {
      await remote.close()
      full.close()
    }
  })
})
