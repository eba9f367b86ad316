import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  openStore,
  PoolError,
  redact,
  type StorageError,
  type Store,
  TimeoutError,
  type Transform,
} from '../../src/index.ts'
import { TraceholdLogRecordExporter, TraceholdSpanExporter } from '../../src/otel/index.ts'
import { describeBackends } from '../backends.ts'
import { exported, sdkLog, sdkSpan, spanId, traceId } from './sdk-records.ts'

describeBackends('an exporter', (backend) => {
  it('answers when the rows are committed, and stores those that come again once', async () => {
    const exporter = new TraceholdSpanExporter({ url: backend.url(), projectId: 'committed' })
    await using reader = await openStore(backend.url(), { projectId: 'committed' })
    const spans = [sdkSpan(1), sdkSpan(2)]
    for (const _again of [1, 2]) {
      expect(await exported((answer) => exporter.export(spans, answer))).toEqual({ code: 0 })
      expect(await reader.spans.count()).toBe(2)
    }
    await exporter.shutdown()
    expect(exporter.stats()).toEqual({ exported: 4, stored: 4, refused: 0, lost: 0, pending: 0, late: 0 })
  })
})

describe('the store of an exporter', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tracehold-otel-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  let databases = 0
  const freshUrl = () => {
    databases += 1
    return `sqlite:${join(folder, `${databases}.db`)}`
  }

  async function read<T>(url: string, look: (store: Store) => Promise<T>): Promise<T> {
    await using store = await openStore(url)
    return await look(store)
  }

  it('is shared by the exporters of a URL, and closed by the last', async () => {
    const url = freshUrl()
    const spans = new TraceholdSpanExporter({ url, migrate: true })
    const logs = new TraceholdLogRecordExporter({ url, projectId: 'other' })
    await exported((answer) => spans.export([sdkSpan(1)], answer))
    await spans.shutdown()
    await spans.shutdown()
    expect(await exported((answer) => logs.export([sdkLog({ body: 'after' })], answer))).toEqual({ code: 0 })
    await logs.shutdown()
    expect(await read(url, (store) => store.spans.count())).toBe(1)
    expect(await read(url, (store) => store.forProject('other').logs.count())).toBe(1)
    const { code, error } = await exported((answer) => logs.export([sdkLog()], answer))
    expect({ code, error }).toEqual({ code: 1, error: expect.any(PoolError) })
    expect(logs.stats()).toMatchObject({ exported: 2, stored: 1, lost: 1 })
  })

  it('stays open where the program gave it, also as a promise', async () => {
    await using store = await openStore('sqlite::memory:', { migrate: true })
    const exporter = new TraceholdSpanExporter({ store: Promise.resolve(store), projectId: 'mine' })
    exporter.export([sdkSpan(1)], () => {})
    await exporter.shutdown()
    expect(await store.forProject('mine').spans.count()).toBe(1)
  })

  it('has its transform: what it redacts or leaves out never reaches the database', async () => {
    const url = freshUrl()
    const leaveOut: Transform = (...[record]) => ('name' in record && record.name === 'span 2' ? undefined : record)
    const transform = [redact({ keys: ['authorization'] }), leaveOut]
    const exporter = new TraceholdSpanExporter({ url, migrate: true, writers: { transform } })
    const spans = [sdkSpan(1, { attributes: { authorization: 'Bearer secret' } }), sdkSpan(2)]
    expect(await exported((answer) => exporter.export(spans, answer))).toEqual({ code: 0 })
    await exporter.shutdown()
    const [kept, left] = await read(url, (store) =>
      Promise.all([1, 2].map((id) => store.spans.get(traceId, spanId(id)))),
    )
    expect(kept?.attributes).toEqual({ authorization: '[redacted]' })
    expect(left).toBeUndefined()
  })

  it('that cannot be used fails each export, and tells what to do', async () => {
    const url = freshUrl()
    const exporter = new TraceholdSpanExporter({ url })
    const { code, error } = await exported((answer) => exporter.export([sdkSpan(1)], answer))
    expect({ code, message: error?.message }).toEqual({ code: 1, message: expect.stringMatching(/tracehold migrate/) })
    await exporter.shutdown()
  })

  it('that does not open in time fails the export, and the shutdown does not wait for it', async () => {
    const never = new Promise<Store>(() => {})
    const told: StorageError[] = []
    const exporter = new TraceholdSpanExporter({ store: never, timeoutMs: 50, onError: (error) => told.push(error) })
    const { error } = await exported((answer) => exporter.export([sdkSpan(1)], answer))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(told).toEqual([error])
    await exporter.forceFlush()
    await exporter.shutdown()
    expect(exporter.stats()).toMatchObject({ exported: 1, pending: 1, late: 1 })
  })
})

describe('an exporter in an agent', () => {
  it('throws nothing into it, whatever its callbacks do', async () => {
    await using store = await openStore('sqlite::memory:', { migrate: true })
    const onError = () => {
      throw new Error('of the agent')
    }
    const exporter = new TraceholdSpanExporter({ store, onError })
    exporter.export([sdkSpan(1)], onError)
    exporter.export([sdkSpan(2, { spanContext: () => ({ traceId, spanId: '' }) })], onError)
    exporter.export([], onError)
    await exporter.forceFlush()
    expect(exporter.stats()).toMatchObject({ stored: 1, refused: 1 })
    expect(await store.spans.get(traceId, spanId(1))).toBeDefined()
  })

  it('refuses at once what does not fit into the queue', async () => {
    let open: (store: Store) => void = () => {}
    const opening = new Promise<Store>((resolve) => {
      open = resolve
    })
    const exporter = new TraceholdSpanExporter({ store: opening, queueRecords: 2 })
    const first = exported((answer) => exporter.export([sdkSpan(1), sdkSpan(2)], answer))
    const { error } = await exported((answer) => exporter.export([sdkSpan(3)], answer))
    expect(error).toBeInstanceOf(PoolError)
    await using store = await openStore('sqlite::memory:', { migrate: true })
    open(store)
    expect(await first).toEqual({ code: 0 })
    expect(exporter.stats()).toEqual({ exported: 3, stored: 2, refused: 0, lost: 1, pending: 0, late: 0 })
  })
})
