import { afterAll, beforeAll, expect, it } from 'vitest'
import { BatchError, type NewRun, type NewSpan, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'

const source = 'selectools'

const runOf = (traceId: string, spans = 2, name = 'run'): NewRun => ({
  trace: { traceId, name },
  spans: Array.from({ length: spans }, (_, n) => ({
    traceId,
    spanId: `${traceId}-${n}`,
    name: 'step',
    startTime: new Date(1_763_000_000_000 + n),
    scope: { name: source },
  })),
})

describeBackends('runs that are saved at once', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  const save = (...runs: NewRun[]) => store.writers.runs.save(runs, { source })

  it('share transactions, and each call hears of its own', async () => {
    const calls = Array.from({ length: 60 }, (_, n) => save(runOf(`a${n}`, n % 4), runOf(`b${n}`)))
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ stored: 2 })))
    const { items } = await store.traces.list({ limit: 200 })
    expect(items).toHaveLength(120)
    for (const { traceId, spanCount } of items) {
      expect(spanCount).toBe(traceId.startsWith('b') ? 2 : Number(traceId.slice(1)) % 4)
    }
    expect(new Set(items.map(({ writtenAt }) => writtenAt)).size).toBeLessThan(30)
  })

  it('of the same trace: the last call counts', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, n) => save(runOf('same', (n % 6) + 1, `run ${n}`))))
    expect(await store.traces.get('same')).toMatchObject({ name: 'run 11', spanCount: 6, spans: { length: 6 } })
  })

  it('with a span that comes twice: the last counts, and other runs are stored', async () => {
    const twice = runOf('twice', 3)
    const [first, ...rest] = twice.spans
    const spans = [...twice.spans, { ...first, name: 'last' } as NewSpan]
    expect(await save({ ...twice, spans }, runOf('innocent'))).toEqual({ stored: 2 })
    const names = (await store.traces.get('twice'))?.spans.map(({ name }) => name).sort()
    expect(names).toEqual(['last', ...rest.map(({ name }) => name)])
    expect(await store.traces.get('twice')).toMatchObject({ spanCount: 3 })
    expect(await store.traces.get('innocent')).toMatchObject({ spanCount: 2, spans: { length: 2 } })
  })

  it('are refused one by one', async () => {
    await store.writers.spans.write({ traceId: 'told', spanId: 's', name: 'call', startTime: new Date() })
    const refusing = (...runs: NewRun[]) => store.writers.runs.save(runs, { source, onOtherSource: 'refuse' })
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 20 }, (_, n) => refusing(runOf(`c${n}`))),
      refusing(runOf('d0'), runOf('told'), { trace: { traceId: '' }, spans: [] }, runOf('d1')),
      refusing(runOf('e0')),
      save(runOf('told', 3, 'merged')),
    ])
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(failures).toEqual([expect.any(BatchError)])
    expect(failures[0]).toMatchObject({ stored: 2, rejected: [{ index: 1 }, { index: 2 }] })
    expect(await store.traces.get('told')).toMatchObject({ name: 'merged', spanCount: 1 })
    const stored = (await store.traces.list({ limit: 200 })).items.map(({ traceId }) => traceId)
    expect(stored).toEqual(expect.arrayContaining(['c0', 'c19', 'd0', 'd1', 'e0']))
  })
})
