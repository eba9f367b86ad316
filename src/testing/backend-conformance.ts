import assert from 'node:assert/strict'
import type { NewSpan } from '../rows/records.ts'
import type { Store } from '../store/store.ts'
import { type Opened, type TestRunner, testWith } from './test-runner.ts'

/** What the suite of backends needs. */
export interface BackendConformance extends TestRunner {
  /** What the suite is called. @default 'Store' */
  name?: string | undefined
  /** Opens an empty store (another database, or another project of one); called for every test. */
  open(): Promise<Opened<Store>> | Opened<Store>
}

const at = (ms: number) => new Date(Date.UTC(2026, 10, 20, 10) + ms).toISOString().replace('Z', '000Z')

const span = (traceId: string, spanId: string, rest: Partial<NewSpan> = {}): NewSpan => ({
  traceId,
  spanId,
  name: `span ${spanId}`,
  kind: 'llm',
  status: 'ok',
  startTime: at(0),
  endTime: at(100),
  ...rest,
})

/** Proves that a store on some engine keeps what all stores promise. */
export function runBackendConformance({ describe, it, open, name = 'Store' }: BackendConformance): void {
  const test = testWith(it, open)
  describe(`${name}: conformance of a backend`, () => {
    readsWhatWasWritten(test)
    derivesTraces(test)
    pages(test)
  })
}

type Test = (name: string, test: (store: Store) => Promise<void>) => void

function readsWhatWasWritten(test: Test): void {
  test('answers a health check', async (store) => {
    assert.equal((await store.health()).ok, true)
  })

  test('reads a span as it was written', async (store) => {
    const written = span('t1', 'ü 🚀', {
      parentSpanId: 'p',
      startTime: '2026-11-20T10:00:00.123456Z',
      endTime: '2026-11-20T10:00:01.123457Z',
      model: 'gpt-4o',
      inputTokens: 2 ** 42,
      outputTokens: 0,
      costUsd: 1e-9,
      tags: ['a', ''],
      input: [{ role: 'user', content: 'Ünïcode\n"🚀"' }],
      output: '10.5',
      attributes: { 'a.b': { c: [1, 2.5, null, true, {}] }, '': '' },
      links: [{ traceId: 't2', spanId: 's2' }],
    })
    await store.writers.spans.write(written)
    const read = await store.spans.get('t1', 'ü 🚀')
    assert.ok(read)
    for (const [key, value] of Object.entries(written)) assert.deepEqual(read[key as keyof typeof read], value, key)
    assert.equal(read.durationMs, 1000.001)
    assert.equal(read.totalTokens, 2 ** 42)
    assert.equal(await store.spans.get('t1', 'nowhere'), undefined)
  })

  test('stores a span that is written twice once, and the later one', async (store) => {
    await store.writers.spans.write([span('t1', 'a', { inputTokens: 1 }), span('t1', 'a', { inputTokens: 2 })])
    await store.writers.spans.write(span('t1', 'a', { inputTokens: 3 }))
    assert.equal(await store.spans.count(), 1)
    assert.equal((await store.spans.get('t1', 'a'))?.inputTokens, 3)
  })

  test('stores the good rows of a batch with a bad one, and names that', async (store) => {
    const write = store.writers.spans.write([span('t1', 'a'), span('t1', 'b', { inputTokens: -1 }), span('t1', 'c')])
    await assert.rejects(write, (error: { rejected?: { index: number }[] }) => error.rejected?.[0]?.index === 1)
    assert.equal(await store.spans.count(), 2)
  })

  test('replaces what an engine cannot hold, and never fails for it', async (store) => {
    await store.writers.spans.write(span('t1', 'a', { name: 'a\u0000b', attributes: { text: '\ud800' } }))
    const read = await store.spans.get('t1', 'a')
    assert.deepEqual([read?.name, read?.attributes], ['a\ufffdb', { text: '\ufffd' }])
  })

  test('keeps projects apart', async (store) => {
    const other = store.forProject(`${store.projectId} other`)
    await other.writers.spans.write(span('t1', 'a'))
    assert.equal(await store.spans.get('t1', 'a'), undefined)
    assert.equal(await store.traces.count(), 0)
    await other.writers.traces.delete('t1')
    assert.equal(await other.traces.count(), 0)
  })
}

function derivesTraces(test: Test): void {
  const spans = [
    span('t1', 'root', { kind: 'agent', agentName: 'airline', startTime: at(0), endTime: at(500) }),
    span('t1', 'llm', { parentSpanId: 'root', startTime: at(10), inputTokens: 10, outputTokens: 5, costUsd: 0.1 }),
    span('t1', 'tool', { parentSpanId: 'root', kind: 'tool', startTime: at(20), status: 'error', costUsd: 0.2 }),
  ]
  const expected = {
    name: 'span root',
    agentName: 'airline',
    status: 'ok',
    spanCount: 3,
    errorCount: 1,
    llmCallCount: 1,
    toolCallCount: 1,
    stepCount: 2,
    inputTokens: 10,
    outputTokens: 5,
    totalTokens: 15,
    costUsd: 0.3,
    durationMs: 500,
    startTime: at(0),
  }

  test('derives the same trace from spans in any order and any repetition', async (store) => {
    for (const order of [spans, spans.toReversed(), [...spans, ...spans]]) {
      for (const each of order) await store.writers.spans.write(each)
      const trace = (await store.traces.get('t1')) as Record<string, unknown> | undefined
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(trace?.[key], value, key)
      await store.writers.traces.delete('t1')
      assert.equal(await store.traces.get('t1'), undefined)
    }
  })

  test('shows what the author of a trace says, and sums of its spans', async (store) => {
    await store.writers.traces.write({
      traceId: 't1',
      name: 'mine',
      tags: ['x'],
      inputTokens: 99,
      metadata: { a: null },
    })
    assert.equal((await store.traces.get('t1'))?.inputTokens, 99)
    await store.writers.spans.write(spans)
    const { name, tags, metadata, inputTokens, spanCount } = (await store.traces.get('t1')) ?? {}
    assert.deepEqual([name, tags, metadata, inputTokens, spanCount], ['mine', ['x'], { a: null }, 10, 3])
  })
}

function pages(test: Test): void {
  test('lists newest first, in pages that meet, also where times are equal', async (store) => {
    const ids = Array.from({ length: 25 }, (_, i) => `t${String(i).padStart(2, '0')}`)
    await store.writers.spans.write(ids.map((id, i) => span(id, 'a', { startTime: at(i >> 2), endTime: at(1000) })))
    const seen: string[] = []
    let after: string | undefined
    do {
      const { items, cursor } = await store.traces.list({ limit: 7, after })
      seen.push(...items.map(({ traceId }) => traceId))
      after = cursor
    } while (after !== undefined)
    assert.deepEqual(seen, ids.toReversed())
  })

  test('lists, counts and sums by the same filter', async (store) => {
    const models = ['a', 'b', 'c']
    const written = Array.from({ length: 30 }, (_, i) =>
      span(`t${i % 10}`, `s${i}`, { model: models[i % 3], inputTokens: i, startTime: at(i), endTime: at(1000) }),
    )
    await store.writers.spans.write(written)
    const filter = { model: ['a', 'b'], since: at(5), until: at(25), inputTokens: { gte: 10 } }
    const fitting = written.filter((_, i) => i % 3 < 2 && i >= 10 && i < 25)
    const { items } = await store.spans.list({ ...filter, limit: 100 })
    assert.deepEqual(items.map(({ spanId }) => spanId).sort(), fitting.map(({ spanId }) => spanId).sort())
    assert.equal(await store.spans.count(filter), fitting.length)
    const [usage] = await store.analytics.usage(filter)
    assert.equal(
      usage?.inputTokens,
      fitting.reduce((sum, { inputTokens }) => sum + (inputTokens ?? 0), 0),
    )
  })
}
