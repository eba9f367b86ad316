import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { microsFromIso } from '../../schema/time.ts'
import { createSink } from '../../src/engines/notifying-sink.ts'
import { type EraseTarget, openStore, type Store, ValidationError } from '../../src/index.ts'
import { columnSpecs, type Entity, stampIndexes } from '../../src/rows/accepted-row.ts'
import { describeBackends } from '../backends.ts'
import { onDay, spansOn, storedIds, wholeTraces, writeWhole } from './life-of-data.ts'
import { tablesWith } from './raw-tables.ts'

const canary = 'canary7f3a9'

describeBackends('erase', (backend) => {
  let whole: Store
  let store: Store
  let projects = 0
  beforeAll(async () => {
    whole = await openStore(backend.url(), { migrate: true })
  })
  beforeEach(() => {
    store = whole.forProject(`project ${projects++}`)
  })
  afterAll(() => whole.close())

  /** A person's traces and rows of every table, and those of others. */
  async function writePeople(): Promise<void> {
    const { writers } = store
    const content = { input: { said: canary }, output: canary, attributes: { secret: { deep: [canary] } } }
    const time = onDay(0)
    await writeWhole(store, [
      ['mine', 0, { userId: canary, sessionId: `session ${canary}`, tags: [canary], ...content }],
      ['theirs', 0, { userId: 'another' }],
    ])
    await Promise.all([
      // Only one span of it names the person.
      writers.spans.write([
        ...spansOn('shared', 0),
        { ...spansOn('shared', 0)[1], spanId: 's', name: 's', userId: canary },
      ] as never),
      writers.traces.write({ traceId: 'mine', name: canary, metadata: { of: canary }, input: canary }),
      writers.events.write({
        traceId: 'mine',
        spanId: 'mine-0',
        ordinal: 9,
        name: canary,
        time,
        attributes: { canary },
      }),
      writers.results.write([
        { resultId: 'judged', name: 'good', traceId: 'mine', explanation: canary, time },
        { resultId: 'alone', name: 'good', attributes: { 'enduser.id': canary }, time },
      ]),
      writers.logs.write([
        { logId: 'of trace', body: `said ${canary}`, traceId: 'mine', time },
        { logId: 'alone', body: { text: canary }, attributes: { 'user.id': canary }, time },
        { logId: 'kept', body: 'nothing', attributes: { 'user.id': 'another' }, time },
      ]),
      writers.metricPoints.write([
        { pointId: 'own', metricName: 'm', value: 1, attributes: { 'user.id': canary }, time },
        {
          pointId: 'all',
          metricName: 'm',
          value: 1,
          time,
          exemplars: [
            { time, value: 1, traceId: 'mine', attributes: { canary } },
            { time, value: 2, attributes: { 'user.id': canary } },
            { time, value: 3, traceId: 'theirs' },
          ],
        },
      ]),
    ])
    if (backend.name === 'sqlite') await store.traces.get('mine')
  }

  it('leaves nothing of a person in any table, and everything of others', async () => {
    await writePeople()
    expect(await tablesWith(store, backend.name, canary)).toHaveLength(backend.name === 'clickhouse' ? 7 : 6)
    const report = await store.erase({ userId: canary })
    expect(await tablesWith(store, backend.name, canary)).toEqual([])
    expect(await storedIds(store)).toEqual({
      ...wholeTraces('theirs'),
      logs: ['kept', 'of theirs'],
      metricPoints: ['all'],
    })
    expect(report.deleted).toMatchObject({ traces: 2, results: 3, logs: 3, metricPoints: 1, pointsWithoutExemplars: 1 })
    expect(report.projectId).toBe(store.projectId)
    expect(report.remains).toContainEqual(expect.stringContaining('backups'))
    expect(JSON.stringify(report)).not.toContain(canary)
    const point = await store.metrics.latest('m')
    expect(point?.exemplars?.map(({ value }) => value)).toEqual([3])
  })

  it('does not let rows come back that were accepted before', async () => {
    const { projectId, pool } = store
    const before = new Date(Date.now() - 60_000).toISOString().replace('Z', '000Z')
    await writeWhole(store, [
      ['mine', 0, { userId: 'u' }],
      ['theirs', 0],
    ])
    const { erasedAt } = await store.erase({ userId: 'u' })
    const sink = createSink(pool)
    /** As a writer that has tried for long, or a copy, would store it. */
    const late = async (entity: Entity, record: Record<string, unknown>, stamp: string) => {
      const values = columnSpecs[entity].map(({ key, type, notNull }) => {
        const value = record[key] ?? (key === 'projectId' ? projectId : null)
        if (value === null && type === 'json' && notNull) return '{}'
        return type === 'timestamp' && typeof value === 'string'
          ? microsFromIso(value)
          : (value as string | number | null)
      })
      values[stampIndexes[entity]] = microsFromIso(stamp)
      const row = { values, bytes: 1_000 }
      return sink.write({ entity, projectId, rows: [sink.prepare(entity, row)] })
    }
    const span = { spanId: 's', name: 'late', kind: 'llm', status: 'ok', startTime: onDay(0), flags: 0 }
    const log = { logId: 'l', bodyText: 'late', time: onDay(0), traceId: 'mine' }
    const lost = { stored: 0, superseded: [0], rejected: [] }
    expect(await late('spans', { ...span, traceId: 'mine' }, before)).toEqual(lost)
    expect(await late('spans', { ...span, traceId: 'mine' }, erasedAt)).toEqual(lost)
    expect(await late('logs', log, before)).toEqual(lost)
    expect(
      await late('events', { traceId: 'mine', spanId: 's', ordinal: 0, name: 'e', time: onDay(0) }, before),
    ).toEqual(lost)
    expect(await storedIds(store)).toEqual(wholeTraces('theirs'))
    // What others have is stored, and so is what is said later.
    expect(await late('spans', { ...span, traceId: 'theirs' }, before)).toMatchObject({ stored: 1 })
    await store.writers.spans.write({ traceId: 'mine', spanId: 'new', name: 'new', startTime: onDay(1) })
    expect(await store.traces.get('mine')).toMatchObject({ spanCount: 1, name: 'new' })
    expect(await late('spans', { ...span, traceId: 'mine' }, before)).toEqual(lost)
    expect(await store.traces.get('mine')).toMatchObject({ spanCount: 1 })
  })

  it('takes a session, or what a filter finds', async () => {
    await writeWhole(store, [
      ['a', 0, { sessionId: 's1' }],
      ['b', 0, { sessionId: 's2' }],
      ['c', 0, { environment: 'staging' }],
    ])
    await store.writers.logs.write({ logId: 'of session', body: 'x', attributes: { 'session.id': 's1' } })
    await store.erase({ sessionId: 's1' })
    expect(await storedIds(store)).toEqual(wholeTraces('b', 'c'))
    await store.erase({ traces: { environment: 'staging' } })
    expect(await storedIds(store)).toEqual(wholeTraces('b'))
  })

  it('forgets what was erased once nothing can be on its way', async () => {
    await writeWhole(store, [['a', 0, { userId: 'u' }]])
    await store.erase({ userId: 'u' })
    const { tombstones } = store.pool
    await store.forgetErasures()
    expect([...(await tombstones.find(store.projectId, 'traces', ['a', 'b'])).keys()]).toEqual(['a'])
    await store.forgetErasures(-1)
    expect(await tombstones.hasAny(store.projectId)).toBe(false)
  })

  it('refuses a target that is missing', async () => {
    await writeWhole(store, [['a', 0]])
    for (const target of [{}, { userId: undefined }, { userId: '' }, { traces: {} }, { traces: { name: undefined } }]) {
      await expect(async () => store.erase(target as EraseTarget), JSON.stringify(target)).rejects.toThrow(
        ValidationError,
      )
    }
    await expect(store.delete('logs', { serviceName: undefined })).rejects.toThrow(/must have a condition/)
    expect(await storedIds(store)).toEqual(wholeTraces('a'))
  })

  it('delete takes the rows of a table that a filter finds', async () => {
    await writeWhole(store, [
      ['a', 0],
      ['b', 1],
    ])
    await store.writers.metricPoints.write([
      { pointId: '1', metricName: 'x', value: 1 },
      { pointId: '2', metricName: 'y', value: 1 },
    ])
    expect(await store.delete('logs', { search: 'about', traceId: 'a' })).toBe(1)
    expect(await store.delete('results', { time: { gte: onDay(1) } })).toBe(1)
    expect(await store.delete('metricPoints', { metricName: 'x' })).toBe(1)
    expect(await store.delete('traces', { traceId: 'b' })).toBe(1)
    expect(await storedIds(store)).toEqual({ ...wholeTraces('a'), logs: [], metricPoints: ['2'] })
  })
})
