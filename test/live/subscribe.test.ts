import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type NewSpan, openStore, type Store, ValidationError } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'

const hourMs = 3_600_000

const span = (traceId: string, spanId: string, more: Partial<NewSpan> = {}): NewSpan => ({
  traceId,
  spanId,
  name: 'chat',
  startTime: '2026-11-20T10:00:00Z',
  ...more,
})

describeBackends('a subscription', (backend) => {
  let store: Store
  let here: Store
  let project = 0

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())
  beforeEach(() => {
    project += 1
    here = store.forProject(`p${project}`)
  })

  it('shows what is written from now on, without being asked to look', async () => {
    await here.writers.spans.write(span('t', 'old'))
    const subscription = here.subscribe('spans', { pollMs: hourMs })
    const first = subscription.next()
    // When it has taken its place is not to be seen from here.
    let isHere = false
    void first.then(() => {
      isHere = true
    })
    for (let n = 0; !isHere; n += 1) await here.writers.spans.write(span('t', `new ${n}`))
    const { value } = await first
    expect(value?.entity).toBe('spans')
    expect(value?.items.at(-1)?.spanId).toMatch(/^new/)

    await here.writers.spans.write(span('t', 'last'))
    for (let last: string | undefined; last !== 'last'; ) {
      const next = await subscription.next()
      last = next.value?.items.at(-1)?.spanId
    }
    await subscription.return()
  })

  it('wakes for what another store of the process writes', async () => {
    const other = (await openStore(backend.url())).forProject(here.projectId)
    const subscription = here.subscribe('logs', { after: 'start', pollMs: hourMs })
    await other.writers.logs.write({ logId: 'a', body: 'one' })
    expect((await subscription.next()).value?.items).toMatchObject([{ logId: 'a' }])
    await other.writers.logs.write({ logId: 'b', body: 'two' })
    expect((await subscription.next()).value?.items).toMatchObject([{ logId: 'b' }])
    await subscription.return()
    await other.close()
  })

  it('shows several tables, each in its order, and goes on after a cursor in all of them', async () => {
    const tables = ['spans', 'logs', 'traces', 'events', 'results', 'metricPoints'] as const
    const write = async (n: string) => {
      await here.writers.spans.write([span('t', `a${n}`), span('t', `b${n}`)])
      await here.writers.events.write({ traceId: 't', spanId: n, ordinal: 0, name: 'e', time: '2026-11-20T10:00:00Z' })
      await here.writers.logs.write({ logId: n, body: n })
      await here.writers.results.write({ resultId: n, name: 'test' })
      await here.writers.metricPoints.write({ pointId: n, metricName: 'm', value: 1 })
    }
    const count = { spans: 0, logs: 0, traces: 0, events: 0, results: 0, metricPoints: 0 }
    const take = async (after: string, until: () => boolean) => {
      let cursor = after
      for await (const batch of here.subscribe(tables, { after, pollMs: 20, limit: 1 })) {
        count[batch.entity] += batch.items.length
        cursor = batch.cursor
        if (until()) break
      }
      return cursor
    }
    await write('1')
    const isDone = (times: number) => () =>
      count.spans === 2 * times &&
      [count.logs, count.events, count.results, count.metricPoints].every((n) => n === times)
    const cursor = await take('start', isDone(1))
    await write('2')
    await take(cursor, isDone(2))
    expect(count).toMatchObject({ spans: 4, logs: 2, events: 2, results: 2, metricPoints: 2 })
    expect(count.traces).toBeGreaterThanOrEqual(1)
  })

  it('shows every trace and every span that writers store at once', async () => {
    const lanes = 4
    const writers = await Promise.all(
      Array.from({ length: lanes }, () => openStore(backend.url(), { projectId: here.projectId })),
    )
    const seen = { spans: new Set<string>(), traces: new Set<string>() }
    const following = (async () => {
      for await (const { entity, items } of here.subscribe(['spans', 'traces'], { after: 'start', pollMs: 1 })) {
        for (const { traceId } of items) seen[entity].add(traceId)
        if (seen.spans.has('last') && seen.traces.has('last')) return
      }
    })()
    const written = await Promise.all(
      writers.map(async (writer, lane) => {
        const traceIds = Array.from({ length: 8 }, (_, n) => `t${lane}-${n}`)
        for (const traceId of traceIds) await writer.writers.spans.write(span(traceId, 's'))
        await writer.close()
        return traceIds
      }),
    )
    // It comes behind all that was stored before: once it is there, nothing else comes any more.
    await here.writers.spans.write(span('last', 's'))
    await following
    const all = [...written.flat(), 'last'].sort()
    expect([...seen.spans].sort()).toEqual(all)
    expect([...seen.traces].sort()).toEqual(all)
  }, 60_000)

  it('goes on in the middle of a table that it had not come to', async () => {
    await here.writers.logs.write(['a', 'b'].map((logId) => ({ logId, body: logId })))
    await here.writers.spans.write([span('t', 'a'), span('t', 'b')])
    const seen: string[] = []
    let after = 'start'
    // One record of each subscription, and then another one.
    while (seen.length < 4) {
      for await (const batch of here.subscribe(['spans', 'logs'], { after, limit: 1 })) {
        seen.push(...batch.items.map((item) => ('logId' in item ? `log ${item.logId}` : `span ${item.spanId}`)))
        after = batch.cursor
        break
      }
    }
    expect(seen.sort()).toEqual(['log a', 'log b', 'span a', 'span b'])
  })

  it('keeps nothing of what it has shown while another table is silent', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage: () => void = runInNewContext('gc')
    await here.writers.spans.write(Array.from({ length: 20 }, (_, n) => span('t', `${n}`)))
    const subscription = here.subscribe(['spans', 'results'], { after: 'start', limit: 1, pollMs: hourMs })
    const shown: WeakRef<object>[] = []
    const take = async () => {
      const { value } = await subscription.next()
      for (const item of value?.items ?? []) shown.push(new WeakRef(item))
    }
    while (shown.length < 20) await take()
    const kept = () => {
      collectGarbage()
      return shown.filter((item) => item.deref()).length
    }
    // The last is where the subscription stands.
    await expect.poll(kept).toBeLessThanOrEqual(1)
    await subscription.return()
  })

  it('filters by table', async () => {
    await here.writers.spans.write([span('t', 'a', { kind: 'llm' }), span('t', 'b', { kind: 'tool' })])
    await here.writers.logs.write([
      { logId: 'a', severity: 9, body: 'x' },
      { logId: 'b', severity: 17, body: 'y' },
    ])
    const filter = { spans: { kind: 'tool' }, logs: { minSeverity: 'error' } } as const
    const seen: string[] = []
    for await (const batch of here.subscribe(['spans', 'logs'], { after: 'start', filter })) {
      seen.push(...batch.items.map((item) => ('logId' in item ? item.logId : item.spanId)))
      if (seen.length === 2) break
    }
    expect(seen).toEqual(['b', 'b'])
  })

  it('ends with its signal while it waits, and at once where that is aborted', async () => {
    const controller = new AbortController()
    const next = here.subscribe('spans', { pollMs: hourMs, signal: controller.signal }).next()
    setImmediate(() => controller.abort())
    expect(await next).toEqual({ done: true, value: undefined })
    const again = here.subscribe(['spans', 'logs'], { signal: AbortSignal.abort() })
    expect(await again.next()).toEqual({ done: true, value: undefined })
  })

  it('hears only of its project and its tables', async () => {
    const there = store.forProject('elsewhere')
    const controller = new AbortController()
    const next = here.subscribe('spans', { pollMs: hourMs, signal: controller.signal }).next()
    await there.writers.spans.write(span('t', 'a'))
    await here.writers.logs.write({ body: 'x' })
    controller.abort()
    expect((await next).done).toBe(true)
  })

  it.each([
    ['no table', [], {}, 'tables'],
    ['an unknown table', ['spans', 'users'], {}, 'tables'],
    ['no cursor', 'spans', { after: 'x' }, 'after'],
    ['an unknown filter', 'spans', { filter: { spans: { colour: 1 } } }, 'colour'],
    ['no interval', 'spans', { pollMs: 0 }, 'pollMs'],
  ])('%s is a typed error', async (_, tables, options, field) => {
    const next = here.subscribe(tables as 'spans', options as object).next()
    await expect(next).rejects.toBeInstanceOf(ValidationError)
    await expect(next).rejects.toMatchObject({ faults: [{ field }] })
  })

  it('refuses the cursor of other tables', async () => {
    await here.writers.spans.write(span('t', 'a'))
    const { value } = await here.subscribe('spans', { after: 'start' }).next()
    const next = here.subscribe(['spans', 'logs'], { after: value?.cursor }).next()
    await expect(next).rejects.toThrow('is a cursor of a subscription to spans')
  })
})
