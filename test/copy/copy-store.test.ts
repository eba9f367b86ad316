import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareStores } from '../../src/copy/compare.ts'
import { copyStore } from '../../src/copy/copy-store.ts'
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
