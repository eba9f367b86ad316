import { afterAll, beforeEach, expect, it } from 'vitest'
import { BusyError, openStore, type RetentionPolicy, type Store, ValidationError } from '../../src/index.ts'
import { withLease } from '../../src/lifecycle/lease.ts'
import { describeBackends } from '../backends.ts'
import { onDay, spansOn, storedIds, wholeTraces, writeWhole } from './life-of-data.ts'

describeBackends('prune', (backend) => {
  let store: Store
  let projects = 0
  beforeEach(async () => {
    const whole = store ?? (await openStore(backend.url(), { migrate: true }))
    store = whole.forProject(`project ${projects++}`)
  })
  afterAll(() => store.close())

  const stored = () => storedIds(store)

  it('deletes old traces with all that belongs to them, and no younger ones', async () => {
    await writeWhole(
      store,
      ['a', 'b', 'c', 'd'].map((traceId, day) => [traceId, day]),
    )
    const seen: number[] = []
    const { deleted } = await store.prune(
      { olderThan: onDay(2) },
      { batch: 1, onProgress: ({ traces }) => seen.push(traces) },
    )
    expect(deleted).toMatchObject({ traces: 2, spans: 6, events: 2, results: 2, logs: 2 })
    expect(seen).toContain(1)
    expect(await stored()).toEqual(wholeTraces('c', 'd'))
    // Again there is nothing left to do.
    expect((await store.prune({ olderThan: onDay(2) })).deleted).toMatchObject({ traces: 0, spans: 0, logs: 0 })
  })

  it('takes a trace for as old as its end', async () => {
    await writeWhole(store, [
      ['ended', 0],
      ['long', 0],
    ])
    await store.writers.spans.write({ ...spansOn('long', 9)[1], spanId: 'late', name: 'late' } as never)
    await store.prune({ olderThan: onDay(2) })
    expect(await stored()).toEqual(wholeTraces('long'))
  })

  it('keeps traces with an error for as long as is said of them, and prunes what a filter says', async () => {
    await writeWhole(store, [
      ['a', 0, { status: 'error' }],
      ['b', 5, { status: 'error', environment: 'staging' }],
      ['c', 5],
      ['d', 5, { environment: 'staging' }],
    ])
    const policy: RetentionPolicy = { olderThan: onDay(6), errors: onDay(3), filter: { environment: ['staging'] } }
    await store.prune(policy)
    expect(await stored()).toEqual(wholeTraces('a', 'b', 'c'))
    await store.prune({ olderThan: onDay(6), errors: onDay(3) })
    // What belongs to a kept trace is kept, whatever its own age.
    expect(await stored()).toEqual(wholeTraces('b'))
    await store.prune({ errors: onDay(6) })
    expect(await stored()).toEqual(wholeTraces())
  })

  it('prunes logs, results and points by their own age', async () => {
    await writeWhole(store, [['kept', 1, { endTime: onDay(9) }]])
    const { logs, results, metricPoints } = store.writers
    const [old, young] = [onDay(0), onDay(5)]
    await logs.write([
      { logId: 'old', body: 'x', time: old },
      { logId: 'young', body: 'x', time: young },
      { logId: 'of another', body: 'x', traceId: 'never stored', time: old },
      { logId: 'early', body: 'x', traceId: 'kept', time: onDay(2) },
    ])
    await results.write([
      { resultId: 'old', name: 'x', time: old },
      { resultId: 'young', name: 'x', time: young },
    ])
    await metricPoints.write([
      { pointId: 'old', metricName: 'm', value: 1, time: old },
      { pointId: 'young', metricName: 'm', value: 1, time: young },
    ])
    await store.prune({ olderThan: onDay(3), results: false })
    const kept = wholeTraces('kept')
    expect(await stored()).toEqual({
      ...kept,
      logs: ['early', 'of kept', 'young'],
      results: ['of kept', 'old', 'young'],
      metricPoints: ['young'],
    })
    const { deleted } = await store.prune({ logs: onDay(6), metricPoints: onDay(6) }, { batch: 1 })
    expect(deleted).toMatchObject({ traces: 0, logs: 3, results: 0, metricPoints: 1 })
    expect((await stored()).logs).toEqual([])
    if (backend.name === 'sqlite') expect((await store.logs.list({ search: 'about' })).items).toEqual([])
  })

  it('takes exemplars that name pruned traces out of points that stay', async () => {
    await writeWhole(store, [
      ['a', 0],
      ['b', 9],
    ])
    const exemplar = (traceId: string) => ({ time: onDay(0), value: 1, traceId })
    const point = { metricName: 'm', value: 1, time: onDay(0, 1), attributes: { x: 1 } }
    await store.writers.metricPoints.write([
      { ...point, pointId: 'both', exemplars: [exemplar('a'), exemplar('b')] },
      { ...point, pointId: 'one', exemplars: [exemplar('a')] },
      { ...point, pointId: 'other', exemplars: [exemplar('b')] },
    ])
    const { deleted } = await store.prune({ olderThan: onDay(3), metricPoints: false })
    expect(deleted.pointsWithoutExemplars).toBe(2)
    const found: Record<string, unknown> = {}
    for await (const { pointId, exemplars, value, attributes } of store.metrics.stream()) {
      expect({ value, attributes }).toEqual({ value: 1, attributes: { x: 1 } })
      found[pointId] = exemplars?.map(({ traceId }) => traceId) ?? null
    }
    expect(found).toEqual({ both: ['b'], one: null, other: ['b'] })
  })

  it('says without deleting how many rows there are, how old and how large', async () => {
    await writeWhole(store, [
      ['a', 0],
      ['b', 1],
      ['c', 5],
    ])
    await store.writers.logs.write({ logId: 'alone', body: 'x', time: onDay(0) })
    const before = await stored()
    const policy = { olderThan: onDay(2) }
    const { dryRun, deleted, measured } = await store.prune(policy, { dryRun: true })
    expect(dryRun).toBe(true)
    expect(await stored()).toEqual(before)
    expect(measured?.find(({ entity }) => entity === 'traces')).toMatchObject({ oldest: onDay(0), newest: onDay(1) })
    for (const { bytes, rows } of measured ?? []) expect(bytes).toBeGreaterThan(rows * 20)
    const { deleted: done } = await store.prune(policy)
    expect(deleted).toEqual(done)
    expect(done).toMatchObject({ traces: 2, spans: 6, logs: 3 })
  })

  it('stops between two batches, and the next run goes on', async () => {
    await writeWhole(store, [
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ])
    const stop = new AbortController()
    const reason = new Error('enough')
    const onProgress = ({ traces }: { traces: number }) => traces > 0 && stop.abort(reason)
    const pruned = store.prune({ olderThan: onDay(2) }, { batch: 4, signal: stop.signal, onProgress })
    await expect(pruned).rejects.toBe(reason)
    const rest = (await stored()).traces as string[]
    expect(rest.length).toBeLessThan(3)
    expect(await stored()).toEqual(wholeTraces(...rest))
    await store.prune({ olderThan: onDay(2) })
    expect(await stored()).toEqual(wholeTraces())
  })

  it('begins a trace anew with a span that comes later', async () => {
    await writeWhole(store, [['a', 0]])
    await store.prune({ olderThan: onDay(2) })
    await store.writers.spans.write({ traceId: 'a', spanId: 'late', name: 'late', startTime: onDay(0), inputTokens: 7 })
    expect(await store.traces.get('a')).toMatchObject({ name: 'late', spanCount: 1, inputTokens: 7, spans: [{}] })
  })

  it('is done by one process at a time in a project', async () => {
    const { pool, projectId } = store
    await withLease({ pool, projectId }, 'prune', async () => {
      const other = store.prune({ olderThan: onDay(2) })
      await expect(other).rejects.toThrow(BusyError)
      await expect(store.prune({ olderThan: onDay(2) })).rejects.toMatchObject({ code: 'busy', retryable: true })
      await store.forProject('another').prune({ olderThan: onDay(2) })
    })
    await store.prune({ olderThan: onDay(2) })
  })

  it('takes over from a process of this machine that has died', async () => {
    const { pool, projectId } = store
    const { hostname } = await import('node:os')
    const expiresAt = Date.now() * 1000 + 60_000_000
    // No process has this number: it is above the largest that systems give.
    await pool.leases.take(projectId, 'prune', { holder: `${hostname()} 999999999 x`, expiresAt }, Date.now() * 1000)
    await store.prune({ olderThan: onDay(2) })
    await pool.leases.take(projectId, 'prune', { holder: 'elsewhere 1 x', expiresAt }, Date.now() * 1000)
    await expect(store.prune({ olderThan: onDay(2) })).rejects.toThrow(/process 1 on elsewhere/)
  })

  it('refuses a policy that says nothing, an age that is none, and a batch of nothing', async () => {
    for (const policy of [{}, { filter: { name: 'a' } }, { olderThan: '30 days' }, { logs: 'x' }, { errors: '-1d' }]) {
      await expect(store.prune(policy), JSON.stringify(policy)).rejects.toThrow(ValidationError)
    }
    await expect(store.prune({ olderThan: '1d' }, { batch: 0 })).rejects.toThrow(ValidationError)
    await expect(store.prune({ olderThan: '1d', filter: { nothing: 1 } as never })).rejects.toThrow(ValidationError)
  })
})
