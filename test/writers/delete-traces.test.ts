import { afterAll, beforeAll, expect, it } from 'vitest'
import { type NewSpan, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'

describeBackends('traces.delete', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  const span = (spanId: string): NewSpan => ({ traceId: 't', spanId, name: 'call', startTime: new Date() })

  it('takes with it what was queued for the trace before, by any writer of the store', async () => {
    await store.writers.spans.write(span('a'))
    await store.writers.traces.write({ traceId: 't', name: 'mine' }, { ack: 'queued' })
    await store.writers.spans.write(span('b'), { ack: 'queued' })
    const event = { traceId: 't', spanId: 'b', ordinal: 0, name: 'tick', time: new Date() }
    await store.writers.events.write(event, { ack: 'queued' })
    expect(await store.writers.traces.delete('t')).toBe(1)
    await store.flush()
    expect(await store.traces.get('t')).toBeUndefined()
    for (const table of [store.tables.spans, store.tables.events]) expect(await store.db.$count(table)).toBe(0)
  })

  it('takes traces of thousands of spans, and no others', async () => {
    const many = (traceId: string) => Array.from({ length: 1_600 }, (_, n) => ({ ...span(`s${n}`), traceId }))
    await store.writers.spans.write(['a', 'b', 'c'].flatMap(many))
    expect(await store.writers.traces.delete(['a', 'c', 'unknown'])).toBe(2)
    expect((await store.traces.list()).items.map(({ traceId }) => traceId)).toEqual(['b'])
    expect(await store.db.$count(store.tables.spans)).toBe(1_600)
  })

  it('forgetting the spans of unknown traces changes nothing', async () => {
    await store.writers.runs.forgetSpans(['unknown'], 'selectools')
    expect(await store.traces.get('unknown')).toBeUndefined()
  })

  it('forgetting the last spans of a trace that nobody else wrote leaves it empty', async () => {
    const scope = { name: 'selectools' }
    await store.writers.spans.write({ ...span('a'), traceId: 'spans only', inputTokens: 5, scope })
    await store.writers.runs.forgetSpans(['spans only'], 'selectools')
    const trace = await store.traces.get('spans only')
    expect(trace).toMatchObject({ spanCount: 0, inputTokens: null, name: null, endTime: null, spans: [] })
    expect(trace?.createdAt).toBe(trace?.writtenAt)
  })
})
