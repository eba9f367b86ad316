import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, type NewSpan, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'

const span = (spanId: string, more: Partial<NewSpan> = {}): NewSpan => ({
  traceId: 't',
  spanId,
  name: 'n',
  startTime: '2026-11-20T10:03:00.123456Z',
  ...more,
})

describe('the URL of a store', () => {
  it.each([
    ['mysql://root:secret@db/app', /Unknown database URL scheme 'mysql:'\. Accepted: sqlite:PATH, postgres:/],
    ['mongodb+srv://root:secret@db/app', /Unknown database URL scheme 'mongodb\+srv:'/],
    ['sqlite:', /names no file/],
    ['sqlite://', /names no file/],
    ['file:', /names no file/],
    ['', /got an empty URL/],
    ['postgres://app:secret@db:port/app', /cannot be read.*percent-encode/],
    ['postgres://app:se#cret@db/app', /cannot be read.*percent-encode/],
  ])('%j is refused with what is accepted, without its password', async (url, message) => {
    const error = await thrown(openStore(url))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(message)
    expect(error.message).not.toMatch(/se.?cret/)
  })
})

describe('the options of a store', () => {
  it('are checked at once, and refused without their values', async () => {
    const options = {
      maxConnections: 'hunter2',
      busyTimeoutMs: -1,
      synchronous: 'hunter2',
      cache: 'hunter2',
      projectId: '',
      writers: { batchRows: 0, batchBytes: 0, ack: 'commited' },
    }
    const error = await thrown(openStore('sqlite::memory:', options as never))
    expect(error).toBeInstanceOf(ConfigError)
    const keys = ['maxConnections', 'busyTimeoutMs', 'synchronous', 'cache.enabled', 'projectId']
    const ofWriters = ['writers.ack', 'writers.batchRows', 'writers.batchBytes']
    expect((error as ConfigError).faults.map(({ field }) => field.replace(' (options)', ''))).toEqual([
      ...keys,
      ...ofWriters,
    ])
    expect(error.message).not.toContain('hunter2')
  })

  it('that are as good as none are none', async () => {
    const none = { cache: undefined, redis: undefined, projectId: undefined, writers: { ack: undefined } }
    const store = await openStore('sqlite::memory:', { migrate: true, ...none })
    expect(store.projectId).toBe('default')
    await store.close()
  })

  it('a write whose ack is no word of ours is refused: it would not wait for the commit', async () => {
    const store = await openStore('sqlite::memory:', { migrate: true })
    const error = await thrown(store.writers.spans.write(span('s'), { ack: 'commited' as never }))
    expect(error).toMatchObject({ name: 'ConfigError', message: "ack must be 'committed' or 'queued'." })
    expect(await store.spans.count()).toBe(0)
    await store.close()
  })

  it.each([undefined, null, '', 5, 'x'.repeat(257)])('a project that is none is refused: %j', async (projectId) => {
    const store = await openStore('sqlite::memory:', { migrate: true, projectId: 'acme' })
    expect(() => store.forProject(projectId as never)).toThrow('projectId must be text of 1 to 256 characters')
    await store.close()
  })
})

describeBackends('a store', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('tells where its data are, without the password', () => {
    const { location } = store.pool
    if (backend.name === 'postgres') {
      expect(location).not.toContain(new URL(backend.url()).password)
      expect(location).toMatch(/^postgres:\/\/\w+@127/)
    } else expect(location).toBe(backend.url())
  })

  it('is well', async () => {
    const health = await store.health()
    expect(health).toMatchObject({ ok: true, version: expect.stringMatching(/^\d+\.\d+/) })
    expect(health.latencyMs).toBeGreaterThanOrEqual(0)
  })

  it('a project sees nothing of another, whatever they share', async () => {
    const [one, two] = [store.forProject('one'), store.forProject('two')]
    for (const [project, name] of [
      [one, 'first'],
      [two, 'second'],
    ] as const) {
      await project.writers.spans.write([span('s', { name, model: name, inputTokens: 5 }), span(name, { name })])
      await project.writers.events.write({ traceId: 't', spanId: 's', ordinal: 0, name, time: new Date(0) })
      await project.writers.traces.write({ traceId: 't', metadata: { of: name } })
    }
    await two.writers.spans.write(span('s', { traceId: 'only two' }))

    const trace = await one.traces.get('t')
    expect(trace).toMatchObject({ spanCount: 2, inputTokens: 5, metadata: { of: 'first' } })
    expect(trace?.spans.map(({ name }) => name)).toEqual(['first', 'first'])
    expect(trace?.spans.flatMap(({ events }) => events.map(({ name }) => name))).toEqual(['first'])
    expect(await one.traces.get('only two')).toBeUndefined()
    expect(await one.spans.get('only two', 's')).toBeUndefined()
    expect((await one.traces.list()).items).toHaveLength(1)
    expect((await one.spans.list()).items).toHaveLength(2)
    const usage = await one.analytics.usage({ by: ['model'] })
    expect(new Map(usage.map(({ model, spans }) => [model, spans]))).toEqual(
      new Map([
        ['first', 1],
        [null, 1],
      ]),
    )
    expect((await store.traces.list()).items).toEqual([])
    expect(store.forProject('one')).toBe(one)
    expect(one.forProject('default')).toBe(store)
  })

  it('a cursor of one project shows nothing of it to another', async () => {
    const [one, two] = [store.forProject('cursor one'), store.forProject('cursor two')]
    await one.writers.spans.write(Array.from({ length: 4 }, (_, n) => span('s', { traceId: `one ${n}` })))
    await two.writers.spans.write(span('s', { traceId: 'a two' }))
    const { cursor } = await one.traces.list({ limit: 2 })
    const page = await two.traces.list({ after: cursor })
    expect(page.items.map(({ traceId }) => traceId)).toEqual(['a two'])
  })

  it('serves typed queries on its own pool', async () => {
    const project = store.forProject('typed')
    await project.writers.spans.write(span('s', { costUsd: 0.1 }))
    const { db, tables } = project
    const rows = await db
      .select({ id: tables.spans.spanId, cost: tables.spans.costUsd, start: tables.spans.startTime })
      .from(tables.spans)
      .where(eq(tables.spans.projectId, 'typed'))
    expect(rows).toEqual([{ id: 's', cost: 0.1, start: '2026-11-20T10:03:00.123456Z' }])
    expect(await db.$count(tables.spans, eq(tables.spans.projectId, 'typed'))).toBe(1)
  })

  it('migrates on request', async () => {
    expect(await store.migrate()).toMatchObject({ applied: [] })
  })

  it('closes with the block that opened it', async () => {
    const opened = await openStore(await backend.migrated(), { migrate: true })
    await opened[Symbol.asyncDispose]()
    expect((await opened.health()).ok).toBe(false)
  })
})
