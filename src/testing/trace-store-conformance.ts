import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { type AgentTrace, stepTypes } from '../formats/selectools/document.ts'
import { isTraceStore, type TraceFilter, type TraceStore, type TraceSummary } from '../trace-store/trace-store.ts'
import { randomTraces } from './random-traces.ts'
import { type Opened, type TestRunner, testWith } from './test-runner.ts'

/** What the suite of trace stores needs. */
export interface TraceStoreConformance extends TestRunner {
  /** What the suite is called. @default 'TraceStore' */
  name?: string | undefined
  /** Opens an empty store; called for every test. It must be able to hold 200 traces. */
  open(): Promise<Opened<TraceStore>> | Opened<TraceStore>
}

const start = 1_763_000_000.25
const trace = (run_id: string, rest: Partial<AgentTrace> = {}): AgentTrace => ({
  run_id,
  start_time: start,
  steps: [],
  ...rest,
})
const ids = (summaries: readonly TraceSummary[]) => summaries.map(({ run_id }) => run_id)

/**
 * Proves that a trace store keeps the protocol's meaning.
 *
 * @example
 * import { describe, it } from 'node:test'
 * import { runTraceStoreConformance } from 'tracehold/testing'
 *
 * runTraceStoreConformance({ describe, it, open: () => ({ subject: new MyTraceStore() }) })
 */
export function runTraceStoreConformance({ describe, it, open, name = 'TraceStore' }: TraceStoreConformance): void {
  const test = testWith(it, open)
  describe(`${name}: conformance of a trace store`, () => {
    test('has the five methods', async (store) => {
      assert.ok(isTraceStore(store))
    })
    savesAndLoads(test)
    lists(test)
    queries(test)
    deletes(test)
  })
}

type Test = (name: string, test: (store: TraceStore) => Promise<void>) => void

function savesAndLoads(test: Test): void {
  test('saves a trace under its run id and loads it equal', async (store) => {
    for (const document of documents()) {
      assert.equal(await store.save(document), document.run_id)
      assert.deepEqual(await store.load(document.run_id), document)
    }
  })

  test('keeps every type of step, unknown ones, nested steps and unknown members', async (store) => {
    const steps = [...stepTypes, 'a_type_of_tomorrow'].map((type, i) => ({
      type,
      timestamp: start + i,
      duration_ms: i,
    }))
    const nested = { type: 'graph_node_start', children: [{ type: 'llm_call', children: [{ type: 'cache_hit' }] }] }
    const document = trace('r1', {
      steps: [...steps, nested, { type: 'error', of_tomorrow: [1, { a: null }] }],
      extra: { b: 1 },
    })
    await store.save(document)
    assert.deepEqual(await store.load('r1'), document)
  })

  test('does not share objects with those who save and load', async (store) => {
    const metadata = { team: 'search' }
    await store.save(trace('r1', { metadata }))
    metadata.team = 'changed'
    const loaded = await store.load('r1')
    Object.assign(loaded.metadata ?? {}, { team: 'changed' })
    assert.deepEqual((await store.load('r1')).metadata, { team: 'search' })
  })

  test('stores what JSON cannot hold as its string, and does not throw', async (store) => {
    const cycle: Record<string, unknown> = { name: 'cycle' }
    cycle.self = cycle
    const when = new Date(0)
    await store.save(trace('r1', { metadata: { when, big: 2n ** 70n, cycle } }))
    const { metadata = {} } = await store.load('r1')
    assert.equal(metadata.when, '1970-01-01T00:00:00.000Z')
    assert.equal(metadata.big, '1180591620717411303424')
    assert.equal(typeof (metadata.cycle as Record<string, unknown>).self, 'string')
  })

  test('says which trace is not there', async (store) => {
    await assert.rejects(store.load('x'), /Trace 'x' not found/)
  })

  test('refuses what is no trace', async (store) => {
    await assert.rejects(async () => store.save({ start_time: 1, steps: [] } as unknown as AgentTrace))
    await assert.rejects(async () => store.save({ run_id: 'r1', start_time: 1 } as unknown as AgentTrace))
    assert.deepEqual(await store.list(), [])
  })

  test('replaces a trace that is saved again, and renews its time', async (store) => {
    await store.save(trace('r1', { steps: [{ type: 'llm_call', duration_ms: 5 }] }))
    await store.save(trace('r2'))
    const [, before] = await store.list()
    await store.save(trace('r1', { steps: [], metadata: { again: true } }))
    assert.deepEqual((await store.load('r1')).steps, [])
    const after = await store.list()
    assert.deepEqual(ids(after), ['r1', 'r2'])
    assert.deepEqual([after[0]?.steps, after[0]?.metadata], [0, { again: true }])
    assert.ok(Date.parse(after[0]?.created_at ?? '') >= Date.parse(before?.created_at ?? ''))
  })
}

function lists(test: Test): void {
  test('lists nothing at first', async (store) => {
    assert.deepEqual(await store.list(), [])
    assert.deepEqual(await store.query({}), [])
  })

  test('lists the last saved first, 50 unless told otherwise, in pages', async (store) => {
    const saved = Array.from({ length: 60 }, (_, i) => `r${i}`)
    for (const id of saved) await store.save(trace(id))
    const newest = saved.toReversed()
    assert.deepEqual(ids(await store.list()), newest.slice(0, 50))
    assert.deepEqual(ids(await store.list(7)), newest.slice(0, 7))
    assert.deepEqual(ids(await store.list(7, 5)), newest.slice(5, 12))
    assert.deepEqual(ids(await store.list(50, 55)), newest.slice(55))
    assert.deepEqual(await store.list(10, 60), [])
    assert.deepEqual(await store.list(0), [])
  })

  test('shows steps, their duration, the time of saving and metadata', async (store) => {
    const before = Date.now()
    const steps = [
      { type: 'llm_call', duration_ms: 1.5, children: [{ type: 'cache_hit', duration_ms: 9 }] },
      { type: 'tool_execution', duration_ms: 2.25 },
    ]
    await store.save(trace('r1', { steps, metadata: { team: 'search', nested: { a: [1] } } }))
    const [summary] = await store.list()
    const { created_at = '', ...rest } = summary ?? {}
    assert.deepEqual(rest, { run_id: 'r1', steps: 2, total_ms: 3.75, metadata: { team: 'search', nested: { a: [1] } } })
    assert.ok(Date.parse(created_at) >= before - 1 && Date.parse(created_at) <= Date.now() + 1)
  })
}

function queries(test: Test): void {
  test('finds by every filter what a plain filter finds', async (store) => {
    const saved = randomTraces(200)
    await Promise.all(saved.map((each) => store.save(each)))
    const all = await store.list(saved.length)
    assert.equal(all.length, saved.length)
    for (const filter of filtersFor(all)) {
      assert.deepEqual(
        ids(await store.query(filter)),
        ids(all.filter((summary) => fits(summary, filter))),
        inspect(filter),
      )
    }
  })

  test('finds nothing where nothing fits', async (store) => {
    await store.save(trace('r1', { metadata: { a: 1 } }))
    assert.deepEqual(await store.query({ metadata_match: { a: 2 } }), [])
    assert.deepEqual(await store.query({ metadata_match: { a: '1' } }), [])
    assert.deepEqual(await store.query({ min_steps: 1 }), [])
  })
}

function deletes(test: Test): void {
  test('deletes one trace and tells whether there was one', async (store) => {
    for (const id of ['r1', 'r2', 'r3']) await store.save(trace(id))
    assert.equal(await store.delete('r2'), true)
    assert.equal(await store.delete('r2'), false)
    await assert.rejects(store.load('r2'), /Trace 'r2' not found/)
    assert.deepEqual(ids(await store.list()), ['r3', 'r1'])
    await store.save(trace('r2'))
    assert.deepEqual(ids(await store.list()), ['r2', 'r3', 'r1'])
  })
}

function documents(): AgentTrace[] {
  const numbers = [0, -0, 1, -1, 0.1, 1e-7, 1.5e300, 5e-324, 1.7976931348623157e308, 2 ** 53, 1e21, 123456789.123456]
  const strings = ['', ' ', 'ünï', '🚀', '日本', '"\\/\b\f\n\r\t', '\u0000', '\u2028', '\ud800', '__proto__', 'a.b']
  return [
    trace('plain'),
    trace('ид 🚀 "quoted"', { parent_run_id: 'plain', metadata: {} }),
    trace('numbers', {
      metadata: { numbers },
      steps: numbers.map((duration_ms) => ({ type: 'llm_call', duration_ms })),
    }),
    trace('strings', { metadata: Object.fromEntries(strings.map((text, i) => [text, { [`k${i}`]: text }])) }),
    trace('values', { metadata: { a: null, b: [], c: {}, d: [null, [[]]], e: false, f: { g: { h: [{ i: null }] } } } }),
    trace('derived', {
      total_duration_ms: 3,
      step_count: 1,
      steps: [{ type: 'llm_call', duration_ms: 3, prompt_tokens: 5 }],
    }),
  ]
}

function filtersFor(all: readonly TraceSummary[]): TraceFilter[] {
  const [since, until] = [all[150]?.created_at, all[40]?.created_at]
  return [
    {},
    { min_steps: 2 },
    { max_steps: 2 },
    { min_steps: 1, max_steps: 3 },
    { since },
    { until },
    { since, until },
    { since: until, until },
    { metadata_match: {} },
    ...[...new Set(all.map(({ metadata }) => metadata.team))].map((team) => ({ metadata_match: { team } })),
    { metadata_match: { team: 'search', user: 'u1' } },
    { metadata_match: { team: null, user: null } },
    { metadata_match: { nowhere: null } },
    { metadata_match: { team: ['a'] } },
    { metadata_match: { team: { a: {} } } },
    { metadata_match: { index: 17 } },
    { metadata_match: { user: 'u2' }, min_steps: 2, max_steps: 4, since, until },
  ].filter(
    ({ metadata_match }: TraceFilter) =>
      !(metadata_match && 'team' in metadata_match && metadata_match.team === undefined),
  )
}

function fits({ steps, created_at, metadata }: TraceSummary, filter: TraceFilter): boolean {
  const saved = comparable(created_at)
  return (
    steps >= (filter.min_steps ?? 0) &&
    steps <= (filter.max_steps ?? Number.POSITIVE_INFINITY) &&
    saved >= comparable(filter.since ?? '1970-01-01T00:00:00Z') &&
    saved <= comparable(filter.until ?? '2999-01-01T00:00:00Z') &&
    Object.entries(filter.metadata_match ?? {}).every(([key, value]) => isDeepStrictEqual(metadata[key] ?? null, value))
  )
}

/** An instant so that texts compare as times do: stores may leave out the fraction or write another offset. */
function comparable(instant: string | Date): string {
  const [, seconds = '', fraction = ''] =
    /^(.{19})(?:\.(\d+))?/.exec(typeof instant === 'string' ? instant : instant.toISOString()) ?? []
  return seconds + fraction.padEnd(6, '0')
}

const inspect = (filter: TraceFilter) => JSON.stringify(filter)
