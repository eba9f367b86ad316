import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, inject, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { onDay, spansOn, storedIds, untilSettled } from './life-of-data.ts'

const hourMs = 3_600_000

describeBackends('usage of traces that retention deletes', (backend) => {
  let store: Store
  let projects = 0
  beforeEach(async () => {
    const whole = store ?? (await openStore(backend.url(), { migrate: true }))
    store = whole.forProject(`project ${projects++}`)
    const more = {
      provider: 'openai',
      model: 'gpt',
      agentName: 'a',
      costUsd: 0.1,
      outputTokens: 3,
      environment: 'live',
    }
    await store.writers.spans.write([
      ...spansOn('a', 0, { more }),
      ...spansOn('b', 0, {
        more: { ...more, model: 'small', status: 'error', startTime: onDay(0, hourMs), endTime: onDay(0, hourMs + 7) },
      }),
      ...spansOn('c', 1, { more: { ...more, environment: 'staging', serviceName: 's' } }),
      ...spansOn('kept', 9, { more }),
    ])
  })
  afterAll(() => store.close())

  const questions = [
    {},
    { by: ['provider', 'model'] as const },
    { by: ['kind', 'agent', 'service', 'environment'] as const, bucket: 'hour' as const },
    { by: ['model'] as const, bucket: 'day' as const, since: onDay(0), until: onDay(3) },
    { environment: ['live'], model: { startsWith: 'g' }, kind: 'llm' as const },
    { since: onDay(1), compare: true, until: onDay(2) },
    { measures: ['costUsd', 'averageDurationMs', 'errorRate'] as const },
  ]

  /** Answers without what is not kept. */
  const answers = async () => {
    const all = []
    for (const question of questions) {
      const groups = await store.analytics.usage(question as object)
      all.push(JSON.parse(JSON.stringify(groups, (key, value) => (gone.has(key) ? undefined : (value as unknown)))))
    }
    return all
  }
  const gone = new Set(['traces', 'averageSteps', 'keptSpans'])

  it('is the same as before, and says of how many spans it is', async () => {
    const before = await answers()
    const { deleted } = await store.prune({ olderThan: onDay(3), keepUsage: true }, { batch: 4 })
    expect(deleted).toMatchObject({ traces: 3, spans: 9 })
    expect(await answers()).toEqual(before)
    const [all] = await store.analytics.usage()
    expect(all).toMatchObject({ spans: 12, keptSpans: 9, traces: 1, errors: 3, inputTokens: 12 })
    expect(await store.analytics.usage({ measures: ['keptSpans'] })).toEqual([{ keptSpans: 9 }])
    // What is not kept cannot be asked for: it is what is stored.
    expect((await store.analytics.usage({ by: ['session'] })).map(({ spans }) => spans)).toEqual([3])
    expect((await store.analytics.usage({ name: 'chat' })).map(({ spans }) => spans)).toEqual([2])
    // Other projects have their own.
    expect((await store.forProject('other').analytics.usage())[0]).toMatchObject({ spans: 0, keptSpans: 0 })
  })

  it('is kept by an archive too, and only when that is said', async () => {
    const to = mkdtempSync(join(inject('servers').directory, 'kept-'))
    const before = await answers()
    await untilSettled(store)
    await store.archive({ olderThan: onDay(1, -1), keepUsage: true }, { to, partRows: 4 })
    expect(await answers()).toEqual(before)
    await store.prune({ olderThan: onDay(3) })
    expect((await store.analytics.usage())[0]).toMatchObject({ spans: 9, keptSpans: 6 })
  })

  it('is of traces that go on being deleted after a failure, once', async () => {
    const before = await answers()
    const { projectId, pool } = store
    const stop = new AbortController()
    const add = pool.keptUsage.add.bind(pool.keptUsage)
    // The process ends between keeping and deleting.
    pool.keptUsage.add = async (...args) => {
      await add(...args)
      stop.abort(new Error('killed'))
    }
    try {
      const pruned = store.prune({ olderThan: onDay(3), keepUsage: true }, { signal: stop.signal })
      await expect(pruned).rejects.toThrow('killed')
    } finally {
      pool.keptUsage.add = add
    }
    expect((await storedIds(store)).traces).toHaveLength(4)
    expect(await pool.keptUsage.pending(projectId)).toHaveLength(1)
    await untilSettled(store)
    const { deleted } = await store.prune({ olderThan: onDay(3), keepUsage: true })
    expect(deleted.traces).toBe(3)
    expect(await answers()).toEqual(before)
    expect(await pool.keptUsage.pending(projectId)).toEqual([])
  })
})
