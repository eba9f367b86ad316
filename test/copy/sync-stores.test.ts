import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ConfigError,
  compareStores,
  openStore,
  type Store,
  type SyncProgress,
  syncStores,
  ValidationError,
} from '../../src/index.ts'
import { createDatabase } from '../servers/databases.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'
import { fill } from './fill-store.ts'
import { emptyStores, temporary } from './open-stores.ts'

const open = emptyStores()

const isEqual = async (from: Store, to: Store) => (await compareStores(from.pool, to.pool)).equal

const span = (spanId: string, rest = {}) => ({
  traceId: 't',
  spanId,
  name: 'n',
  startTime: '2026-11-20T10:00:00Z',
  ...rest,
})

/** A store of a new PostgreSQL database behind a proxy, until the end of the test. */
async function openThroughProxy(): Promise<{ to: Store; proxy: TcpProxy }> {
  const database = await createDatabase()
  await (await openStore(database.url, { migrate: true })).close()
  const proxy = await TcpProxy.open(database.url)
  const to = await openStore(proxy.url)
  onTestFinished(async () => {
    await to.close()
    await proxy.close()
    await database.drop()
  })
  return { to, proxy }
}

/** Calls until `isDone`; other tests' transactions may hold back what a PostgreSQL shows. */
async function until<T>(call: () => Promise<T>, isDone: (result: T) => boolean | Promise<boolean>): Promise<T> {
  for (;;) {
    const result = await call()
    if (await isDone(result)) return result
    await new Promise(setImmediate)
  }
}

describe.each([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
  ['sqlite', 'sqlite'],
  ['sqlite', 'clickhouse'],
  ['postgres', 'clickhouse'],
  ['clickhouse', 'sqlite'],
] as const)('sync from %s to %s', (a, b) => {
  it('brings over every table of every project, then what changed, and nothing twice', async () => {
    const [from, to] = [await open(a), await open(b)]
    const options = { once: true, progressFile: join(temporary(), 'progress.json') }
    await fill(from)
    const first = await until(
      () => syncStores(from, to, options),
      () => isEqual(from, to),
    )
    expect(first.complete).toBe(true)
    const { tables } = await compareStores(from.pool, to.pool)
    expect(Object.values(tables).every(({ rows }) => rows > 0)).toBe(true)
    expect(await syncStores(from, to, options)).toMatchObject({ complete: true, written: { spans: 0, logs: 0 } })
    await from.writers.spans.write([span('new'), span('new too', { inputTokens: 5 })])
    await from.writers.traces.write({ traceId: 't3', name: 'authored again' })
    // What another transaction holds back comes in a later round.
    const written = { spans: 0, events: 0, logs: 0 }
    await until(
      async () => {
        const round = await syncStores(from, to, options)
        for (const table of ['spans', 'events', 'logs'] as const) written[table] += round.written[table] ?? 0
      },
      () => isEqual(from, to),
    )
    expect(written).toEqual({ spans: 2, events: 0, logs: 0 })
    expect(await to.traces.get('t')).toEqual(await from.traces.get('t'))
  }, 90_000)
})

describe.each(['sqlite', 'postgres', 'clickhouse'] as const)('sync from clickhouse to %s', (b) => {
  it('brings over a span whose start moved to another hour, and what comes after it', async () => {
    const [from, to] = [await open('clickhouse'), await open(b)]
    const options = { once: true, progressFile: join(temporary(), 'progress.json') }
    await from.writers.spans.write(span('s', { name: 'old' }))
    await from.writers.spans.write(span('s', { name: 'new', startTime: '2026-11-20T11:00:00Z' }))
    await from.writers.spans.write(span('other'))
    await until(
      () => syncStores(from, to, options),
      async () => {
        const { missing, different } = (await compareStores(from.pool, to.pool)).tables.spans
        return missing + different === 0
      },
    )
    const names = (await to.traces.get('t'))?.spans.map(({ name }) => name)
    expect(names?.sort()).toEqual(b === 'clickhouse' ? ['n', 'new', 'old'] : ['n', 'new'])
    await from.writers.spans.write(span('s', { name: 'newest', startTime: '2026-11-20T09:00:00Z' }))
    await until(
      () => syncStores(from, to, options),
      async () => (await to.db.$count(to.tables.spans, eq(to.tables.spans.name, 'newest'))) === 1,
    )
  })
})

describe('syncStores', () => {
  it('follows until it is stopped, and tells how far it is', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    const stop = new AbortController()
    const seen: SyncProgress[] = []
    const syncing = syncStores(from, to, {
      pollMs: 1,
      signal: stop.signal,
      onProgress: (progress) => seen.push(progress),
    })
    for (let i = 0; i < 5; i += 1) {
      await from.writers.spans.write(span(`s${i}`))
      await until(
        () => to.spans.count(),
        (count) => count === i + 1,
      )
    }
    await until(
      async () => seen.at(-1),
      (last) => last?.table === undefined,
    )
    stop.abort()
    expect(await syncing).toMatchObject({ complete: true, written: { spans: 5 } })
    expect(seen.at(-1)).toMatchObject({ table: undefined })
    expect(await isEqual(from, to)).toBe(true)
  })

  it('keeps one project in step', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    await fill(from)
    await syncStores(from, to, { once: true, projectId: 'ü other' })
    expect((await compareStores(from.pool, to.pool, { projectId: 'ü other' })).equal).toBe(true)
    expect(await to.traces.count()).toBe(0)
  })

  it('goes on where it was stopped', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    await fill(from)
    const progressFile = join(temporary(), 'progress.json')
    let calls = 0
    let written = 0
    // Stopped after every page.
    await until(
      async () => {
        const stop = new AbortController()
        const onProgress = () => stop.abort()
        const report = await syncStores(from, to, { once: true, progressFile, signal: stop.signal, onProgress })
        calls += 1
        written += Object.values(report.written).reduce((sum, rows) => sum + rows, 0)
        return report
      },
      ({ complete }) => complete,
    )
    expect(calls).toBeGreaterThan(10)
    const { tables, equal } = await compareStores(from.pool, to.pool)
    expect(equal).toBe(true)
    // Of traces only those that somebody wrote: the others follow from their spans.
    const derived = 2 * 6
    expect(written).toBe(Object.values(tables).reduce((sum, { rows }) => sum + rows, -derived))
  })

  it('brings over what was stored after an interruption as well', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    await fill(from)
    const progressFile = join(temporary(), 'progress.json')
    const stop = new AbortController()
    await syncStores(from, to, { once: true, progressFile, signal: stop.signal, onProgress: () => stop.abort() })
    await from.writers.spans.write(span('later'))
    expect(await syncStores(from, to, { once: true, progressFile })).toMatchObject({ complete: true })
    expect(await isEqual(from, to)).toBe(true)
  })

  it('begins anew without its file, and changes nothing by it', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    await fill(from)
    await syncStores(from, to, { once: true })
    await to.writers.spans.write(span('only here'))
    const before = await to.spans.list({ limit: 1000 })
    expect((await syncStores(from, to, { once: true })).written.spans).toBe(
      (await from.spans.count()) + (await from.forProject('ü other').spans.count()),
    )
    expect(await to.spans.list({ limit: 1000 })).toEqual(before)
  })

  it('leaves a row of the target that is newer', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    await from.writers.spans.write(span('s', { name: 'old' }))
    await to.writers.spans.write(span('s', { name: 'newer' }))
    await syncStores(from, to, { once: true })
    expect((await to.spans.get('t', 's'))?.name).toBe('newer')
  })

  it('begins anew when the source counts anew, as after a restore', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    const progressFile = join(temporary(), 'progress.json')
    await from.writers.spans.write(span('s'))
    await syncStores(from, to, { once: true, progressFile })
    const progress = JSON.parse(readFileSync(progressFile, 'utf8'))
    writeFileSync(progressFile, JSON.stringify({ ...progress, done: { ...progress.done, horizon: 1e6 } }))
    await from.writers.spans.write(span('after'))
    await syncStores(from, to, { once: true, progressFile })
    expect(await to.spans.count()).toBe(2)
    expect(JSON.parse(readFileSync(progressFile, 'utf8')).done.horizon).toBeLessThan(1e6)
  })

  it.each(['sqlite', 'postgres', 'clickhouse'] as const)('begins anew where %s lost its rows', async (b) => {
    const [from, to] = [await open('sqlite'), await open(b)]
    const options = { once: true, progressFile: join(temporary(), 'progress.json') }
    await from.writers.spans.write([span('a'), span('b')])
    await syncStores(from, to, options)
    await to.writers.traces.delete(['t'])
    expect(await syncStores(from, to, options)).toMatchObject({ complete: true, written: { spans: 2 } })
    expect(await to.spans.count()).toBe(2)
  })

  it('begins anew where a side is another database by now, whatever that one holds', async () => {
    const from = await open('sqlite')
    const path = join(temporary(), 'to.db')
    const options = { once: true, progressFile: join(temporary(), 'progress.json') }
    await from.writers.spans.write([span('a'), span('b')])
    for (let round = 0; round < 2; round += 1) {
      const to = await openStore(`sqlite:${path}`, { migrate: true })
      await to.writers.spans.write(span('only here'))
      expect(await syncStores(from, to, options)).toMatchObject({ complete: true, written: { spans: 2 } })
      expect(await to.spans.count()).toBe(3)
      await to.close()
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
    }
  })

  it('waits for a database that is away, and goes on', async () => {
    const from = await open('sqlite')
    await from.writers.spans.write([span('a'), span('b')])
    const { to, proxy } = await openThroughProxy()
    // Every connection that writes is cut, until it was told twice that the database is away.
    const errors: string[] = []
    proxy.onClientData = () => (errors.length < 2 ? 'cut' : 'pass')
    const report = await syncStores(from, to, { once: true, onRetry: ({ message }) => errors.push(message) })
    expect(report).toMatchObject({ complete: true, written: { spans: 2 } })
    expect(errors).toHaveLength(2)
    expect(await isEqual(from, to)).toBe(true)
  })

  it('ends when it is stopped while it waits for a database, and does not try again before', async () => {
    const from = await open('sqlite')
    await from.writers.spans.write(span('a'))
    const { to, proxy } = await openThroughProxy()
    proxy.onClientData = () => 'cut'
    const stop = new AbortController()
    let failures = 0
    const report = await syncStores(from, to, {
      signal: stop.signal,
      onRetry: () => {
        failures += 1
        // The wait has begun by then.
        setImmediate(() => stop.abort())
      },
    })
    expect(report).toMatchObject({ complete: false, written: { spans: 0 } })
    expect(failures).toBe(1)
  })

  it('refuses one store for both sides, a file of other progress and a bad interval', async () => {
    const [from, to] = [await open('sqlite'), await open('sqlite')]
    await expect(syncStores(from, from)).rejects.toThrow(ConfigError)
    const progressFile = join(temporary(), 'progress.json')
    await from.writers.spans.write(span('s'))
    await syncStores(from, to, { once: true, progressFile })
    expect(existsSync(progressFile)).toBe(true)
    await expect(syncStores(from, to, { progressFile, projectId: 'other' })).rejects.toThrow(/holds other progress/)
    await expect(syncStores(from, to, { pollMs: 0 })).rejects.toThrow(ValidationError)
  })
})
