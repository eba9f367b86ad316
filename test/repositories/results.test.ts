import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BatchError, openStore, type Store, ValidationError } from '../../src/index.ts'
import type { NewResult } from '../../src/rows/records.ts'
import { describeBackends } from '../backends.ts'

const at = (minute: number) => `2026-11-20T10:${String(minute).padStart(2, '0')}:00.000000Z`

const suite: NewResult[] = [
  {
    resultId: 'a1',
    name: 'refund',
    runId: 'v1',
    suite: 'airline',
    status: 'passed',
    score: 1,
    time: at(0),
    durationMs: 10.5,
  },
  {
    resultId: 'b1',
    name: 'cancel',
    runId: 'v1',
    suite: 'airline',
    status: 'failed',
    score: 0,
    time: at(1),
    traceId: 't1',
  },
  { resultId: 'c1', name: 'upgrade', runId: 'v1', suite: 'airline', status: 'passed', score: 0.5, time: at(2) },
  { resultId: 'd1', name: 'old', runId: 'v1', suite: 'airline', status: 'passed', time: at(3) },
  { resultId: 'e1', name: 'slow', runId: 'v1', suite: 'airline', status: 'timeout', time: at(4) },
  { resultId: 'f1', name: 'maybe', runId: 'v1', suite: 'airline', status: 'passed', time: at(5) },
  { resultId: 'a2', name: 'refund', runId: 'v2', suite: 'airline', status: 'failed', score: 0.25, time: at(10) },
  { resultId: 'b2', name: 'cancel', runId: 'v2', suite: 'airline', status: 'passed', score: 1, time: at(11) },
  { resultId: 'c2', name: 'upgrade', runId: 'v2', suite: 'airline', status: 'passed', time: at(12) },
  { resultId: 'e2', name: 'slow', runId: 'v2', suite: 'airline', status: 'error', time: at(13) },
  { resultId: 'f2', name: 'maybe', runId: 'v2', suite: 'airline', status: 'skipped', time: at(14) },
  { resultId: 'g2', name: 'new', runId: 'v2', suite: 'airline', status: 'passed', time: at(15), tags: ['fresh'] },
]

describeBackends('results', (backend) => {
  let store: Store

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await store.writers.results.write(suite)
  })
  afterAll(() => store.close())

  const names = (tests: readonly { name: string }[]) => tests.map(({ name }) => name)

  it('come back as they were written', async () => {
    const result: NewResult = {
      resultId: 'whole',
      kind: 'evaluation',
      name: 'relevance',
      status: null,
      score: 0.75,
      label: 'relevant',
      explanation: 'it answers',
      evaluator: 'gpt-4o',
      time: '2025-11-20T10:03:00.123456Z',
      durationMs: 1.25,
      traceId: 't1',
      spanId: 's1',
      evaluations: [{ evaluator: 'judge', verdict: 'partial', score: 0.5, reason: 'so so', metadata: { a: [1] } }],
      assertions: [{ type: 'contains', passed: false, expected: 'x', actual: null, message: 'no x' }],
      tags: ['a', 'b'],
      metadata: { team: { name: 'x' } },
      attributes: { 'gen_ai.evaluation.name': 'relevance' },
    }
    await store.writers.results.write(result)
    expect(await store.results.get('whole')).toMatchObject(result)
    expect(await store.results.get('none')).toBeUndefined()
    expect(await store.forProject('other').results.get('whole')).toBeUndefined()
  })

  it('are listed newest first, in pages', async () => {
    const first = await store.results.list({ suite: 'airline', limit: 7 })
    const next = await store.results.list({ suite: 'airline', limit: 7, after: first.cursor })
    expect([...first.items, ...next.items].map(({ resultId }) => resultId)).toEqual(
      suite.map(({ resultId }) => resultId).reverse(),
    )
    expect(next.cursor).toBeUndefined()
    expect(first.items[0]).not.toHaveProperty('evaluations')
    const oldest = await store.results.list({ suite: 'airline', direction: 'asc', limit: 1 })
    expect(oldest.items[0]?.resultId).toBe('a1')
    await expect(store.results.list({ direction: 'asc', after: first.cursor })).rejects.toThrow(ValidationError)
  })

  it('are filtered by every kind of field', async () => {
    const ids = async (filter: Parameters<typeof store.results.list>[0]) =>
      (await store.results.list({ suite: 'airline', direction: 'asc', ...filter })).items.map(
        ({ resultId }) => resultId,
      )
    expect(await ids({ status: ['failed', 'timeout'] })).toEqual(['b1', 'e1', 'a2'])
    expect(await ids({ failing: true })).toEqual(['b1', 'e1', 'a2', 'e2'])
    expect(await ids({ failing: false, runId: 'v2' })).toEqual(['b2', 'c2', 'f2', 'g2'])
    expect(await ids({ score: { gte: 0.5 } })).toEqual(['a1', 'c1', 'b2'])
    expect(await ids({ name: { contains: 'UP' } })).toEqual(['c1', 'c2'])
    expect(await ids({ traceId: 't1' })).toEqual(['b1'])
    expect(await ids({ tags: 'fresh' })).toEqual(['g2'])
    expect(await ids({ since: at(13), until: at(15) })).toEqual(['e2', 'f2'])
    expect(await ids({ durationMs: { gt: 10 } })).toEqual(['a1'])
    expect(await ids({ attempt: 1, name: ['refund', 'new'] })).toEqual(['a2'])
    await store.writers.traces.write({ traceId: 't1', metadata: { trial: 1 } })
    expect(await ids({ inTrace: { metadata: { path: 'trial', eq: 1 } } })).toEqual(['b1'])
    expect(await ids({ inTrace: { metadata: { path: 'trial', eq: 2 } } })).toEqual([])
    expect(await store.results.count({ kind: 'test' })).toBe(12)
  })

  it('give pass rates and scores by name and time', async () => {
    const [all] = await store.results.statistics({ suite: 'airline' })
    expect(all).toEqual({
      results: 12,
      passed: 7,
      failed: 4,
      other: 1,
      passRate: 7 / 11,
      scored: 5,
      averageScore: 0.55,
      minScore: 0,
      medianScore: 0.5,
      maxScore: 1,
      averageDurationMs: 10.5,
    })
    const refunds = await store.results.statistics({ by: ['name', 'run'], name: 'refund' })
    expect(refunds).toMatchObject([
      { name: 'refund', run: 'v1', passRate: 1, averageScore: 1 },
      { name: 'refund', run: 'v2', passRate: 0, averageScore: 0.25 },
    ])
    const trend = await store.results.trend({ suite: 'airline', bucket: 'minute', since: at(4), until: at(7) })
    expect(trend).toMatchObject([
      { bucket: at(4), results: 1, passRate: 0 },
      { bucket: at(5), results: 1, passRate: 1 },
      { bucket: at(6), results: 0, passRate: null },
    ])
    const [nothing] = await store.results.statistics({ suite: 'none' })
    expect(nothing).toMatchObject({ results: 0, passRate: null, averageScore: null })
  })

  it('of two runs are compared test by test', async () => {
    const comparison = await store.results.compare({ runId: 'v1' }, { runId: 'v2' })
    expect(names(comparison.newlyFailing)).toEqual(['refund'])
    expect(names(comparison.newlyPassing)).toEqual(['cancel'])
    expect(names(comparison.unchanged)).toEqual(['slow', 'upgrade'])
    expect(names(comparison.undecided)).toEqual(['maybe'])
    expect(names(comparison.added)).toEqual(['new'])
    expect(names(comparison.removed)).toEqual(['old'])
    expect(comparison.before).toEqual({ tests: 6, passed: 4, failed: 2, passRate: 4 / 6 })
    expect(comparison.after).toEqual({ tests: 6, passed: 3, failed: 2, passRate: 0.6 })
    expect(comparison.newlyFailing[0]).toMatchObject({
      before: { resultId: 'a1', score: 1 },
      after: { resultId: 'a2' },
    })
    const byAttempt = await store.results.compare({ suite: 'airline', attempt: 0 }, { suite: 'airline', attempt: 1 })
    expect(names(byAttempt.newlyFailing)).toEqual(['refund'])
    expect(names(byAttempt.newlyPassing)).toEqual(['cancel'])
  })

  it('show which tests are flaky', async () => {
    await store.writers.results.write(
      ['passed', 'failed', 'failed', 'passed', 'skipped', 'passed'].map((status, i) => ({
        name: 'wobbly',
        suite: 'flaky',
        status: status as NewResult['status'],
        time: at(i),
      })),
    )
    expect(await store.results.flaky({ suite: 'flaky' })).toEqual([
      { name: 'wobbly', passed: 3, failed: 2, flips: 2, flakiness: 0.5, lastTime: at(5) },
    ])
    expect(names(await store.results.flaky({ suite: 'airline' }))).toEqual(['cancel', 'refund'])
  })

  it('without an id are new each time, and with one are replaced', async () => {
    const writer = store.writers.results
    expect(await writer.write([])).toEqual({ stored: 0, deduplicated: 0 })
    await writer.write({ name: 'anonymous', suite: 'ids', status: 'passed' })
    await writer.write({ name: 'anonymous', suite: 'ids', status: 'passed' })
    await writer.write({ resultId: 'mine', name: 'named', suite: 'ids', status: 'running' })
    await writer.write({ resultId: 'mine', name: 'named', suite: 'ids', status: 'passed' })
    expect(await store.results.count({ suite: 'ids' })).toBe(3)
    expect(await store.results.get('mine')).toMatchObject({ status: 'passed' })
  })

  it('that are wrong cost themselves only', async () => {
    const good = (n: number): NewResult => ({ resultId: `good-${n}`, name: 'ok', suite: 'bad input', status: 'passed' })
    const bad: [object, RegExp][] = [
      [{ name: 'x', score: 1.5 }, /score must be a finite number from 0 to 1/],
      [{ name: 'x', score: -0.1 }, /score/],
      [{ name: 'x', score: Number.NaN }, /score/],
      [{ name: 'x', status: 'great' }, /status must be one of pending, running, passed/],
      [{ name: 'x', status: 'ok' }, /status/],
      [{ name: 'x', kind: 'agent' }, /kind must be one of test, evaluation/],
      [{ status: 'passed' }, /name is required/],
      [{ name: 'x', durationMs: Number.POSITIVE_INFINITY }, /durationMs/],
      [{ name: 'x', time: 'yesterday' }, /time must be a Date or ISO-8601/],
      [{ name: 'x'.repeat(257) }, /name must be at most 256 characters/],
    ]
    const rows = bad.flatMap(([row], i) => [row as NewResult, good(i)])
    const error = await store.writers.results.write(rows).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BatchError)
    const { rejected, stored } = error as BatchError
    expect(stored).toBe(bad.length)
    expect(rejected.map(({ index }) => index)).toEqual(bad.map((_, i) => i * 2))
    bad.forEach(([, message], i) => {
      expect(rejected[i]?.message).toMatch(message)
    })
    expect(await store.results.count({ suite: 'bad input' })).toBe(bad.length)
  })

  describe('refuses filters that are none', () => {
    it.each([
      [{ score: 'high' }, /score/],
      [{ status: 'great' }, /status must be one of/],
      [{ nothing: 1 }, /nothing is not a field/],
      [{ attempt: -1 }, /attempt/],
      [{ since: 'now' }, /since/],
      [{ failing: 'yes' }, /failing/],
      [{ inTrace: { nope: 1 } }, /nope/],
    ])('%j', async (filter, message) => {
      await expect(store.results.list(filter as object)).rejects.toThrow(message)
    })
  })
})
