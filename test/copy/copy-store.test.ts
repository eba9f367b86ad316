import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { compareStores } from '../../src/copy/compare.ts'
import { copyStore } from '../../src/copy/copy-store.ts'
import type { ClickHousePool } from '../../src/engines/clickhouse/pool.ts'
import type { Store } from '../../src/store/store.ts'
import { fill } from './fill-store.ts'
import { emptyStores, temporary } from './open-stores.ts'

const open = emptyStores()

const rows = { traces: 74, events: 100, results: 2, metrics: 2, metricPoints: 2, logs: 4 }

describe('copyStore', () => {
  it.each([
    ['sqlite', 'postgres'],
    ['postgres', 'sqlite'],
    ['sqlite', 'sqlite'],
  ] as const)('copies every table of every project from %s to %s, and finds both equal', async (a, b) => {
    const [from, to] = [await open(a), await open(b)]
    await fill(from)
    const { copied, comparison } = await copyStore(from, to)
    expect(copied).toMatchObject(rows)
    expect(comparison).toMatchObject({ equal: true, tables: { spans: { missing: 0, different: 0, extra: 0 } } })
    expect(await to.forProject('ü other').traces.get('t3')).toEqual(await from.forProject('ü other').traces.get('t3'))
    expect((await copyStore(from, to)).comparison?.equal).toBe(true)
  })

  it.each(['sqlite', 'postgres', 'clickhouse'] as const)('brings back what was deleted in %s', async (b) => {
    const [from, to] = [await open('sqlite'), await open(b)]
    const startTime = '2026-11-20T10:00:00Z'
    const spans = ['a', 'b', 'c'].map((traceId) => ({ traceId, spanId: 's', name: 'n', startTime }))
    await from.writers.spans.write(spans)
    await from.writers.traces.write({ traceId: 'a', name: 'authored' })
    await copyStore(from, to)
    expect(await to.writers.traces.delete(['a', 'b', 'c'])).toBe(3)
    // The same rows with the same stamps, in the same pages.
    expect((await copyStore(from, to)).comparison?.equal).toBe(true)
    expect([await to.spans.count(), await to.traces.count()]).toEqual([3, 3])
  })

  describe('rows that ClickHouse keeps beside others of their key', () => {
    /** Every key but the first stands in two hours, of points in two metrics, so that pages end between two rows of one. */
    const fillTwice = async (from: Store) => {
      const ids = Array.from({ length: 120 }, (_, i) => `${i}`.padStart(3, '0'))
      const repeated = ids.slice(1)
      const span = { traceId: 't', name: 'early', startTime: '2026-11-20T10:59:00Z' }
      await from.writers.spans.write(ids.map((spanId) => ({ ...span, spanId })))
      await from.writers.spans.write(
        repeated.map((spanId) => ({ ...span, spanId, name: 'late', startTime: '2026-11-20T11:01:00Z' })),
      )
      // What was written last is not what stands last in the order of time.
      const log = { body: 'late', time: '2026-11-20T11:01:00Z' }
      await from.writers.logs.write(ids.map((logId) => ({ ...log, logId })))
      await from.writers.logs.write(
        repeated.map((logId) => ({ ...log, logId, body: 'early', time: '2026-11-20T10:59:00Z' })),
      )
      const point = { value: 1, time: '2026-11-20T10:00:00Z', metricName: 'a' }
      await from.writers.metricPoints.write(ids.map((pointId) => ({ ...point, pointId })))
      await from.writers.metricPoints.write(repeated.map((pointId) => ({ ...point, pointId, metricName: 'b' })))
    }

    it('all come into another ClickHouse, and both are equal', async () => {
      const [from, to] = [await open('clickhouse'), await open('clickhouse')]
      await fillTwice(from)
      const { copied, comparison } = await copyStore(from, to)
      expect(comparison?.equal).toBe(true)
      for (const table of ['spans', 'logs', 'metricPoints'] as const) {
        expect(copied[table]).toBe(239)
        expect(await to.db.$count(to.tables[table])).toBe(239)
      }
      // A row that is not there is missed, whatever else there is of its key.
      const pool = to.pool as ClickHousePool
      await pool.command("delete from logs where log_id = '119' and body_text = 'late'")
      expect((await compareStores(from.pool, to.pool)).tables.logs).toMatchObject({ missing: 1, different: 0 })
    })

    it.each(['sqlite', 'postgres'] as const)('give way to the newest in %s, and the rest is equal', async (b) => {
      const [from, to] = [await open('clickhouse'), await open(b)]
      await fillTwice(from)
      const { comparison } = await copyStore(from, to)
      const same = { rows: 120, missing: 0, different: 0, extra: 0 }
      expect(comparison?.tables).toMatchObject({ spans: same, logs: same, metricPoints: same })
      const { spans, logs, metricPoints } = to.tables
      expect(await to.db.$count(spans, eq(spans.name, 'late'))).toBe(119)
      expect(await to.db.$count(logs, eq(logs.bodyText, 'early'))).toBe(119)
      expect(await to.db.$count(metricPoints, eq(metricPoints.metricName, 'b'))).toBe(119)
      // The source counts both rows of a span.
      expect(comparison?.tables.traces.examples[0]?.columns).toContain('span_count')
      expect((await compareStores(to.pool, from.pool)).tables).toMatchObject({ spans: same, logs: same })
    })
  })

  it('copies one project alone', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    await fill(from)
    const { comparison } = await copyStore(from, to, { projectId: 'ü other' })
    expect(comparison?.equal).toBe(true)
    expect(await to.traces.count()).toBe(0)
    expect(await to.forProject('ü other').traces.count()).toBe(37)
  })

  it('goes on where it was interrupted', async () => {
    const [from, to] = [await open('sqlite'), await open('postgres')]
    await fill(from)
    const progressFile = join(temporary(), 'progress.json')
    const abort = new AbortController()
    const stopped = copyStore(from, to, {
      progressFile,
      signal: abort.signal,
      onProgress: ({ table }) => table === 'spans' && abort.abort(new Error('stopped')),
    })
    await expect(stopped).rejects.toThrow('stopped')
    const seen: string[] = []
    const { copied, comparison } = await copyStore(from, to, {
      progressFile,
      onProgress: ({ phase, table }) => seen.push(`${phase} ${table}`),
    })
    expect(seen).not.toContain('copy traces')
    expect(copied).toMatchObject(rows)
    expect(comparison?.equal).toBe(true)
    expect(existsSync(progressFile)).toBe(false)
  })

  it('tells what is missing, different and too much', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    const span = { traceId: 't', name: 'n', startTime: '2026-11-20T10:00:00Z' }
    await from.writers.spans.write([
      { ...span, spanId: 'a' },
      { ...span, spanId: 'b' },
    ])
    await copyStore(from, to)
    await from.writers.spans.write({ ...span, spanId: 'c' })
    await to.writers.spans.write([
      { ...span, spanId: 'b', name: 'other' },
      { ...span, spanId: 'z' },
    ])
    const { equal, tables } = await compareStores(from.pool, to.pool)
    expect(equal).toBe(false)
    expect(tables.spans).toMatchObject({ rows: 3, missing: 1, different: 1, extra: 1 })
    expect(tables.spans.examples).toEqual([
      { key: ['default', 't', 'b'], columns: ['name', 'written_at'] },
      { key: ['default', 't', 'c'], columns: [] },
    ])
  })
})
