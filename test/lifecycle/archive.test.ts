import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeEach, expect, inject, it } from 'vitest'
import { compareStores } from '../../src/copy/compare.ts'
import { copyStore } from '../../src/copy/copy-store.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import {
  type ArchiveReport,
  type ArchiveTarget,
  BusyError,
  FormatError,
  openStore,
  type Store,
} from '../../src/index.ts'
import { withLease } from '../../src/lifecycle/lease.ts'
import { describeBackends } from '../backends.ts'
import { fill } from '../copy/fill-store.ts'
import { onDay, spansOn, storedIds, untilSettled, wholeTraces, writeWhole } from './life-of-data.ts'

const folder = () => mkdtempSync(join(inject('servers').directory, 'archive-'))

async function* bytes(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

/** The bytes of all files of a folder, in the order of their names. */
const filesOf = (path: string) =>
  readdirSync(path)
    .sort()
    .map((name) => readFileSync(join(path, name)))

const importAll = (store: Store, path: string) => importDocuments(store, bytes(...filesOf(path)))

/** Archives when everything that was written is settled. */
async function archived(store: Store, ...args: Parameters<Store['archive']>): Promise<ArchiveReport> {
  await untilSettled(store)
  return store.archive(...args)
}

/** Parts in memory, as a bucket has them. */
class Bucket implements ArchiveTarget {
  readonly parts = new Map<string, Buffer>()
  names = async () => [...this.parts.keys()]
  async write(name: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = []
    for await (const piece of source) pieces.push(piece)
    this.parts.set(name, Buffer.concat(pieces))
  }
  read(name: string): AsyncIterable<Uint8Array> {
    return bytes(this.parts.get(name) ?? Buffer.alloc(0))
  }
}

describeBackends('archive', (backend) => {
  let store: Store
  let projects = 0
  beforeEach(async () => {
    const whole = store ?? (await openStore(backend.url(), { migrate: true }))
    store = whole.forProject(`project ${projects++}`)
  })
  afterAll(() => store.close())

  it('moves everything that is old into files, and an import brings it back equal', async () => {
    const [from, whole] = (await Promise.all(
      [0, 1].map(async () => openStore(await backend.migrated(), { migrate: true })),
    )) as [Store, Store]
    try {
      await fill(from)
      await from.flush()
      await copyStore(from, whole)
      const to = folder()
      const {
        archived: moved,
        deleted,
        parts,
        kept,
      } = await archived(
        from,
        { olderThan: new Date(Date.now() + 1e6) },
        { to, partRows: backend.name === 'clickhouse' ? 1_000 : 100 },
      )
      expect(kept).toBe(0)
      expect(parts.length).toBeGreaterThan(3)
      expect(deleted).toMatchObject({
        spans: moved.spans,
        events: moved.events,
        logs: 2,
        results: 1,
        metricPoints: 1,
      })
      expect(Object.values(await storedIds(from)).flat()).toEqual([])
      // Others keep what is theirs.
      expect(await from.forProject('ü other').spans.count()).toBeGreaterThan(500)
      for (const times of [1, 2]) {
        const report = await importAll(from, to)
        expect(report, `time ${times}`).toMatchObject({
          spans: moved.spans,
          logs: 2,
          metrics: 1,
          points: 1,
          rejected: 0,
        })
      }
      const compared = await compareStores(whole.pool, from.pool)
      expect(compared).toMatchObject({ equal: true, tables: { spans: { extra: 0 }, traces: { extra: 0 } } })
    } finally {
      await Promise.all([from.close(), whole.close()])
    }
  })

  it('takes whole old traces and what is old by itself, and leaves the rest', async () => {
    await writeWhole(
      store,
      ['a', 'b', 'c'].map((traceId, day) => [traceId, day]),
    )
    await store.writers.logs.write([
      { logId: 'alone', body: 'x', time: onDay(0) },
      { logId: 'young', body: 'x', time: onDay(5) },
    ])
    await store.writers.metricPoints.write({
      ...{ pointId: 'p', metricName: 'm', value: 1, time: onDay(5) },
      exemplars: [{ time: onDay(0), value: 1, traceId: 'a' }],
    })
    const before = await storedIds(store)
    const to = folder()
    const dry = await store.archive({ olderThan: onDay(2) }, { to, dryRun: true })
    expect([dry.archived.traces, dry.archived.logs, readdirSync(to)]).toEqual([2, 3, []])
    await archived(store, { olderThan: onDay(2) }, { to })
    const rest = wholeTraces('c')
    expect(await storedIds(store)).toEqual({ ...rest, logs: ['of c', 'young'], metricPoints: ['p'] })
    // A point that stays still names its trace, which may come back.
    for await (const { exemplars } of store.metrics.stream()) expect(exemplars?.[0]?.traceId).toBe('a')
    await importAll(store, to)
    expect(await storedIds(store)).toEqual(before)
    // Into another project, such as one for looking at old things.
    const other = store.forProject(`${store.projectId} again`)
    await importAll(other, to)
    expect((await other.traces.get('a'))?.spans).toHaveLength(3)
  })

  it('keeps a trace that gets something while it is archived', async () => {
    await writeWhole(store, [
      ['a', 0],
      ['b', 0],
    ])
    const bucket = new Bucket()
    const write = bucket.write.bind(bucket)
    const late = { traceId: 'a', spanId: 'late', name: 'late', startTime: onDay(0, 9) }
    bucket.write = async (name, source) => {
      await write(name, source)
      await store.writers.spans.write(late)
      await store.writers.logs.write({ logId: 'late', traceId: 'b', body: 'late', time: onDay(0) })
    }
    const { kept } = await archived(
      store,
      { olderThan: onDay(2), logs: false, results: false, metricPoints: false },
      { to: bucket },
    )
    expect((await store.traces.get('a'))?.spans.map(({ spanId }) => spanId)).toContain('late')
    expect((await storedIds(store)).logs).toContain('late')
    // Of b ClickHouse keeps the log, the others all of it.
    expect(kept).toBe(backend.name === 'clickhouse' ? 1 : 2)
    bucket.write = write
    await archived(store, { olderThan: onDay(2) }, { to: bucket })
    expect(Object.values(await storedIds(store)).flat()).toEqual([])
    await importDocuments(store, bytes(...bucket.parts.values()))
    expect((await store.traces.get('a'))?.spans).toHaveLength(4)
    expect((await storedIds(store)).logs).toEqual(['late', 'of a', 'of b'])
    expect((await store.rebuildTraces({ check: true })).differences).toEqual([])
  })

  it('deletes nothing of what cannot be read again, or was not written', async () => {
    await writeWhole(store, [['a', 0]])
    const broken = new Bucket()
    broken.read = (name) => bytes((broken.parts.get(name) as Buffer).subarray(0, 100))
    await expect(archived(store, { olderThan: onDay(2) }, { to: broken })).rejects.toThrow()
    const full = new Bucket()
    full.write = async () => {
      throw new Error('no room')
    }
    await expect(archived(store, { olderThan: onDay(2) }, { to: full })).rejects.toThrow('no room')
    const other = new Bucket()
    other.read = () =>
      bytes(
        gzipSync(
          gunzipSync(broken.parts.values().next().value as Buffer)
            .toString()
            .replace('about a', 'about b'),
        ),
      )
    await expect(archived(store, { olderThan: onDay(2) }, { to: other })).rejects.toThrow(FormatError)
    expect(await storedIds(store)).toEqual(wholeTraces('a'))
  })

  it('goes on where it was stopped: what the last part holds is deleted first, and written once', async () => {
    await writeWhole(
      store,
      ['a', 'b', 'c', 'd'].map((traceId) => [traceId, 0]),
    )
    const bucket = new Bucket()
    const stop = new AbortController()
    const onProgress = () => stop.abort(new Error('enough'))
    // Rows of SQLite go in batches of a thousand: two of them in the part.
    await store.writers.spans.write(spansOn('big', 0, { count: 1_200 }))
    await expect(
      archived(store, { olderThan: onDay(2) }, { to: bucket, signal: stop.signal, onProgress }),
    ).rejects.toThrow('enough')
    expect(bucket.parts.size).toBe(1)
    const { parts, deleted } = await archived(store, { olderThan: onDay(2) }, { to: bucket })
    expect(parts).toEqual([])
    if (backend.name === 'sqlite') expect(deleted.traces).toBeGreaterThan(0)
    expect((await storedIds(store)).traces).toEqual([])
    const report = await importDocuments(store, bytes(...bucket.parts.values()))
    expect(report).toMatchObject({ traces: 5, spans: 1_212, rejected: 0 })
    // What came back is no rest of a run that was stopped.
    expect((await archived(store, { olderThan: onDay(0) }, { to: bucket })).deleted.traces).toBe(0)
    expect(await store.spans.count()).toBe(1_212)
  })

  it('is not done beside a prune, and says what is wrong with an archive', async () => {
    const { pool, projectId } = store
    await withLease({ pool, projectId }, 'prune', async () => {
      await expect(archived(store, { olderThan: onDay(2) }, { to: folder() })).rejects.toThrow(BusyError)
    })
    await writeWhole(store, [['a', 0]])
    const bucket = new Bucket()
    await archived(store, { olderThan: onDay(2) }, { to: bucket })
    const text = gunzipSync(Buffer.concat([...bucket.parts.values()])).toString()
    const lines = text.split('\n')
    const imported = (changed: string) => importDocuments(store, bytes(Buffer.from(changed)))
    await expect(imported(lines.slice(0, -2).join('\n'))).rejects.toThrow(/cut.*/)
    await expect(imported(text.replace('"inputTokens":2', '"inputTokens":3'))).rejects.toThrow(/was changed/)
    await expect(imported(text.replace('"version":1', '"version":2'))).rejects.toThrow(/this version/)
    const odd = text.replace('"inputTokens":2', '"inputTokens":"2"').replace('"name":"tick"', '"tune":"tick"')
    const rejected: string[] = []
    const report = await importDocuments(store, bytes(Buffer.from(odd)), {
      onRejected: ({ message }) => rejected.push(message),
    })
    expect(rejected).toEqual([
      'has no value that fits in spans.inputTokens',
      'has a column that this version of tracehold does not know: events.tune',
    ])
    expect(report).toMatchObject({ rejected: 2, results: 1, logs: 1 })
  })

  it('does not bring back what was erased', async () => {
    await writeWhole(store, [
      ['a', 0, { userId: 'u' }],
      ['b', 0],
    ])
    const to = folder()
    await store.erase({ userId: 'nobody' })
    await archived(store, { olderThan: onDay(2) }, { to })
    await importAll(store, to)
    await store.erase({ userId: 'u' })
    await importAll(store, to)
    expect(await storedIds(store)).toEqual(wholeTraces('b'))
  })
})
