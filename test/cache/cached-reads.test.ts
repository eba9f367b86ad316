import { symlinkSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { traceTag } from '../../src/cache/cache-tag.ts'
import { ConfigError, type NewSpan, openStore, type Store, ValidationError } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'

const span = (traceId: string, spanId: string, more: Partial<NewSpan> = {}): NewSpan => ({
  traceId,
  spanId,
  name: `span ${spanId}`,
  kind: 'llm',
  startTime: '2026-11-20T10:00:00Z',
  ...more,
})

/** The same database by another name: of its host, or of the way to its file. */
function otherName(url: string): string {
  const [, scheme = '', path = '', rest = ''] = /^(sqlite|chdb):([^?]*)(.*)$/.exec(url) ?? []
  if (path === '') return url.replace('127.0.0.1', 'localhost')
  if (scheme === 'chdb') return `chdb:${relative(process.cwd(), path)}${rest}`
  const link = `${dirname(path)}-by-another-name`
  symlinkSync(dirname(path), link)
  return `sqlite:${join(link, basename(path))}`
}

describeBackends('the read cache', (backend) => {
  let store: Store
  let here: Store
  let project = 0

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true, cache: true })
  })
  afterAll(() => store.close())
  beforeEach(() => {
    project += 1
    here = store.forProject(`p${project}`)
  })

  const cache = () => {
    if (!store.services.cache) throw new Error('no cache')
    return store.services.cache
  }
  /** How the cache dealt with what `work` read. */
  const countsOf = async (work: () => Promise<unknown>) => {
    const before = cache().stats()
    await work()
    const after = cache().stats()
    return {
      hits: after.hits - before.hits,
      misses: after.misses - before.misses,
      joined: after.joined - before.joined,
    }
  }

  it('is off unless asked for', async () => {
    const plain = await openStore(backend.url())
    expect(plain.services.cache).toBeUndefined()
    await plain.close()
  })

  it('answers what the database answers, and asks it once', async () => {
    await here.writers.spans.write([span('t', 'a', { input: { text: 'é' }, costUsd: 0.1 }), span('t', 'b')])
    await here.writers.events.write({ traceId: 't', spanId: 'a', ordinal: 0, name: 'e', time: '2026-11-20T10:00:00Z' })
    const plain = (await openStore(backend.url())).forProject(here.projectId)
    const reads = [
      (from: Store) => from.traces.get('t'),
      (from: Store) => from.traces.get('t', { spans: false }),
      (from: Store) => from.traces.get('missing'),
      (from: Store) => from.traces.list({ limit: 1 }),
      (from: Store) => from.traces.list({ since: new Date(0), orderBy: 'duration' }),
      (from: Store) => from.traces.count({ name: 'nothing' }),
      (from: Store) => from.traces.runsOf('parent'),
      (from: Store) => from.analytics.usage({ by: ['model'] }),
      (from: Store) => from.analytics.latency(),
      (from: Store) => from.analytics.runs({ bucket: 'day' }),
      (from: Store) => from.analytics.statistics(),
    ]
    for (const read of reads) {
      const counts = await countsOf(async () => {
        const first = await read(here)
        expect(first).toStrictEqual(await read(plain))
        expect(await read(here)).toBe(first)
      })
      expect(counts).toEqual({ hits: 1, misses: 1, joined: 0 })
    }
    await plain.close()
  })

  it('freezes what it shares', async () => {
    await here.writers.spans.write(span('t', 'a', { attributes: { deep: { list: [1] } } }))
    const trace = await here.traces.get('t')
    expect(() => trace?.spans.push({} as never)).toThrow(TypeError)
    const attributes = trace?.spans[0]?.attributes as { deep: { list: number[] } }
    expect(() => attributes.deep.list.push(2)).toThrow(TypeError)
  })

  it('shows what this process wrote, whichever way it was written', async () => {
    const writes: Record<string, () => Promise<unknown>> = {
      spans: () => here.writers.spans.write(span('t', 'a')),
      more: () => here.writers.spans.write([span('t', 'b'), span('other', 'a')]),
      events: () =>
        here.writers.events.write({ traceId: 't', spanId: 'a', ordinal: 0, name: 'e', time: '2026-11-20T10:00:00Z' }),
      traces: () => here.writers.traces.write({ traceId: 't', tags: ['x'] }),
      bulk: () => here.writers.spans.bulk([span('t', 'c')]),
      runs: () => here.writers.runs.save([{ trace: { traceId: 't' }, spans: [span('t', 'd')] }], { source: 's' }),
      forget: () => here.writers.runs.forgetSpans(['t'], 's'),
      delete: () => here.writers.traces.delete('t'),
    }
    const plain = (await openStore(backend.url())).forProject(here.projectId)
    for (const [name, write] of Object.entries(writes)) {
      await here.traces.get('t')
      await write()
      for (const read of [
        (from: Store) => from.traces.get('t'),
        (from: Store) => from.traces.get('t', { spans: false }),
        (from: Store) => from.traces.list(),
        (from: Store) => from.analytics.usage(),
      ]) {
        expect(await read(here), name).toStrictEqual(await read(plain))
      }
    }
    await plain.close()
  })

  it('has no part in a tail, which goes on from what is stored by now, whoever wrote it', async () => {
    await here.writers.spans.write(span('t', 'a'))
    await here.traces.list({ limit: 10 })
    const shown: string[] = []
    const asked = await countsOf(async () => {
      for await (const { traceId } of here.traces.tail({ lines: 10, once: true })) shown.push(traceId)
    })
    expect({ shown, asked }).toEqual({ shown: ['t'], asked: { hits: 0, misses: 0, joined: 0 } })
  })

  it('shows what another store of this process wrote', async () => {
    const other = (await openStore(backend.url())).forProject(here.projectId)
    for (let n = 1; n <= 3; n += 1) {
      await other.writers.spans.write(span('t', `s${n}`))
      expect((await here.traces.get('t'))?.spans).toHaveLength(n)
    }
    await other.close()
  })

  it('shows what a store of this process wrote that calls the database otherwise', async () => {
    const other = (await openStore(otherName(backend.url()))).forProject(here.projectId)
    for (let n = 1; n <= 3; n += 1) {
      await other.writers.spans.write(span('t', `s${n}`))
      expect((await here.traces.get('t'))?.spans).toHaveLength(n)
    }
    await other.close()
  })

  it('keeps its answers while a store of another database is written to', async () => {
    const elsewhere = await openStore(await backend.migrated(), { migrate: true, projectId: here.projectId })
    await here.writers.spans.write(span('t', 'a'))
    // The two tell each other everything until both have said which database they are on.
    await expect
      .poll(async () => {
        await here.traces.get('t')
        await elsewhere.writers.spans.write(span('t', 'a'))
        return countsOf(() => here.traces.get('t'))
      })
      .toMatchObject({ hits: 1 })
    await elsewhere.close()
  })

  it('keeps the answers about a trace while others are written, and those of other projects', async () => {
    const there = store.forProject('elsewhere')
    await here.writers.spans.write([span('t', 'a'), span('u', 'a')])
    await there.writers.spans.write(span('t', 'a'))
    await Promise.all([here.traces.get('t'), there.traces.get('t'), there.traces.list()])
    await here.writers.spans.write(span('u', 'b'))
    await here.writers.logs.write({ body: 'a log is in no trace' })
    expect(
      await countsOf(() => Promise.all([here.traces.get('t'), there.traces.get('t'), there.traces.list()])),
    ).toMatchObject({ hits: 3, misses: 0 })
    expect(await countsOf(() => here.traces.list())).toMatchObject({ misses: 1 })
    expect((await there.traces.get('t'))?.spans).toHaveLength(1)
  })

  it('forgets a whole project after a write of very many traces', async () => {
    await here.writers.spans.write(span('t', 'a'))
    await here.traces.get('t')
    await here.writers.spans.write(Array.from({ length: 1001 }, (_, i) => span(`t${i}`, 'a')))
    expect(await countsOf(() => here.traces.get('t'))).toMatchObject({ misses: 1 })
  })

  it('asks once for many who ask at once', async () => {
    await here.writers.spans.write(span('t', 'a'))
    const reads = () => Promise.all(Array.from({ length: 20 }, () => here.traces.get('t')))
    expect(await countsOf(reads)).toEqual({ hits: 0, misses: 1, joined: 19 })
  })

  it('does not keep what was read while it was written', async () => {
    await here.writers.spans.write(span('t', 'a'))
    let version = 1
    const request = { tags: [traceTag(here.projectId, 't')], key: 'x' }
    let finish = () => {}
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    // It reads the old version, and ends after the write.
    const old = cache().read({
      ...request,
      load: async () => {
        const read = version
        await held
        return read
      },
    })
    version = 2
    await here.writers.spans.write(span('t', 'b'))
    const next = cache().read({ ...request, load: async () => version })
    finish()
    expect(await old).toBe(1)
    expect(await next).toBe(2)
    expect(await cache().read({ ...request, load: async () => 3 })).toBe(2)
  })

  it('keeps no errors, and passes on reads that have no key', async () => {
    for (let n = 0; n < 2; n += 1) {
      await expect(here.traces.list({ limit: 0 })).rejects.toBeInstanceOf(ValidationError)
      await expect(here.traces.count({ name: () => {} } as never)).rejects.toBeInstanceOf(ValidationError)
    }
    // The period that it compares with ends now.
    const moving = () => here.analytics.usage({ since: '2026-11-20T10:00:00Z', compare: true })
    expect(await countsOf(moving)).toMatchObject({ misses: 0 })
  })

  it('tells filters apart by what they are read as', async () => {
    const links = ['https://a.example/', 'https://b.example/']
    await here.writers.traces.write(links.map((link) => ({ traceId: link, metadata: { link, at: link.slice(8, 9) } })))
    const found = async (path: string, eq: unknown) =>
      (await here.traces.list({ metadata: { path, eq: eq as string } })).items.map(({ traceId }) => traceId)
    class Letter {
      readonly #letter: string
      constructor(letter: string) {
        this.#letter = letter
      }
      toJSON() {
        return this.#letter
      }
    }
    for (const link of links) {
      expect(await found('link', new URL(link))).toEqual([link])
      expect(await found('at', new Letter(link.slice(8, 9)))).toEqual([link])
    }
    const named = () => here.traces.list({ since: new Date(0), metadata: { path: 'at', in: ['a', null, { b: [1] }] } })
    expect(await countsOf(async () => [await named(), await named()])).toEqual({ hits: 1, misses: 1, joined: 0 })
  })

  it('is bounded in entries, bytes and time', async () => {
    const small = (await openStore(backend.url(), { cache: { maxEntries: 2, ttlMs: 1 } })).forProject(here.projectId)
    await here.writers.spans.write(['t', 'u', 'v'].map((traceId) => span(traceId, 'a')))
    for (const traceId of ['t', 'u', 'v']) await small.traces.get(traceId)
    expect(small.services.cache?.stats().entries).toBeLessThanOrEqual(2)
    const start = performance.now()
    await expect.poll(() => performance.now() - start).toBeGreaterThan(5)
    const { misses } = small.services.cache?.stats() ?? {}
    await small.traces.get('v')
    expect(small.services.cache?.stats().misses).toBe(Number(misses) + 1)
    await small.close()

    const tight = (await openStore(backend.url(), { cache: { maxBytes: 8192 } })).forProject(here.projectId)
    await here.writers.spans.write(span('large', 'a', { input: 'x'.repeat(10_000) }))
    await tight.traces.get('large')
    expect(tight.services.cache?.stats()).toMatchObject({ entries: 0, bytes: 0 })
    for (let n = 0; n < 20; n += 1) await tight.traces.get(`missing ${n}`)
    for (let n = 0; n < 9; n += 1) await tight.traces.list({ limit: n + 1 })
    const { entries = 0, bytes = 0 } = tight.services.cache?.stats() ?? {}
    expect(entries).toBeGreaterThan(1)
    expect(bytes).toBeLessThanOrEqual(8192)
    await tight.close()
  })

  it.each([
    [{ ttlMs: 0 }, 'cache.ttlMs'],
    [{ maxEntries: 1.5 }, 'cache.maxEntries'],
    [{ maxBytes: 10 }, 'cache.maxBytes'],
    [{ redisWaitMs: Number.NaN }, 'cache.redisWaitMs'],
  ])('refuses the options %j', async (options, name) => {
    const opening = openStore(backend.url(), { cache: options })
    await expect(opening).rejects.toBeInstanceOf(ConfigError)
    await expect(opening).rejects.toThrow(name)
  })
})
