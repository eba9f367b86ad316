import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import type { FollowBatch, Followed, FollowOptions } from '../../src/repositories/follow.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'

const span = (traceId: string, spanId: string) => ({ traceId, spanId, name: 'n', startTime: '2026-11-20T10:00:00Z' })

/** A transaction on PostgreSQL that has its number, and stays open. */
async function openTransaction(url: string) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query('begin')
  await client.query('select pg_current_xact_id()')
  return client
}

describeBackends('follow', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  /** Reads until so many rows have come. A transaction of anybody on the server may delay them. */
  const take = async <E extends 'traces' | 'spans' | 'events'>(
    from: Store,
    table: E,
    count: number,
    options: FollowOptions<E> = {},
  ) => {
    const controller = new AbortController()
    const items: Followed[E][] = []
    let cursor: string | undefined
    for await (const batch of from.follow(table, { ...options, pollMs: 2, signal: controller.signal })) {
      items.push(...batch.items)
      cursor = batch.cursor
      if (items.length >= count) controller.abort()
    }
    return { items, cursor }
  }

  const drain = async <T>(batches: AsyncIterable<FollowBatch<T>>) => {
    const items: T[] = []
    let cursor: string | undefined
    for await (const batch of batches) {
      items.push(...batch.items)
      cursor = batch.cursor
    }
    return { items, cursor }
  }

  it('shows what is stored, and goes on where it was left', async () => {
    const here = store.forProject('resume')
    expect(await drain(here.follow('spans', { once: true }))).toEqual({ items: [], cursor: undefined })
    // One transaction, and more rows than a batch: the cursor lies within the transaction.
    await here.writers.spans.write(Array.from({ length: 25 }, (_, i) => span('t', `s${String(i).padStart(2, '0')}`)))
    const first = await take(here, 'spans', 10, { limit: 10 })
    expect(first.items).toHaveLength(10)
    const rest = await take(here, 'spans', 15, { after: first.cursor, limit: 10 })
    expect(rest.items.map((row) => row.spanId)).toEqual(Array.from({ length: 15 }, (_, i) => `s${i + 10}`))
    expect(rest.items[0]).not.toHaveProperty('commitSeq')
    await here.writers.spans.write([span('t', 's07')])
    const again = await take(here, 'spans', 1, { after: rest.cursor })
    expect(again.items.map((row) => row.spanId)).toEqual(['s07'])
    expect((await drain(here.follow('spans', { after: again.cursor, once: true }))).items).toEqual([])
  })

  it('follows traces and events as well, and filters', async () => {
    const here = store.forProject('others')
    await here.writers.spans.write([span('t1', 's'), { ...span('t2', 's'), status: 'error' }])
    await here.writers.events.write([
      { traceId: 't1', spanId: 's', ordinal: 0, name: 'e', time: '2026-11-20T10:00:00Z' },
      { traceId: 't1', spanId: 's', ordinal: 1, name: 'f', time: '2026-11-20T10:00:01Z' },
    ])
    const traces = await take(here, 'traces', 1, { filter: { hasError: true } })
    expect(traces.items.map((row) => row.traceId)).toEqual(['t2'])
    const events = await take(here, 'events', 2, { limit: 1 })
    expect(events.items.map((row) => row.name)).toEqual(['e', 'f'])
    const late = await take(here, 'events', 1, { filter: { since: '2026-11-20T10:00:01Z' } })
    expect(late.items.map((row) => row.name)).toEqual(['f'])
    // What the filter did not pass is behind the cursor, too.
    await here.writers.spans.write([span('t3', 's')])
    const { items } = await take(here, 'traces', 1, { after: traces.cursor })
    expect(items.map((row) => row.traceId)).toEqual(['t3'])
  })

  it("leaves out what is stored already from 'now' on, and waits for what comes", async () => {
    const here = store.forProject('now')
    await here.writers.spans.write([span('t', 'old')])
    const follower = here.follow('spans', { after: 'now', pollMs: 2 })
    let batch: Awaited<ReturnType<typeof follower.next>> | undefined
    const next = follower.next().then((found) => {
      batch = found
    })
    // When it has taken its place is not to be seen from here: new rows come until it shows one.
    for (let i = 0; batch === undefined; i += 1) await here.writers.spans.write([span('t', `new${i}`)])
    await next
    expect(batch.value?.items.at(-1)?.spanId).toMatch(/^new/)
    await follower.return()
  })

  it('ends with its signal, while it waits', async () => {
    const controller = new AbortController()
    const next = store.forProject('silent').follow('spans', { pollMs: 3_600_000, signal: controller.signal }).next()
    setImmediate(() => controller.abort())
    expect(await next).toEqual({ done: true, value: undefined })
  })

  it('shows every row once with 4 writers and one long transaction', async () => {
    const here = store.forProject('race')
    const long = backend.name === 'postgres' ? await openTransaction(backend.url()) : undefined
    const controller = new AbortController()
    const seen: string[] = []
    const following = (async () => {
      for await (const { items } of here.follow('spans', { pollMs: 2, limit: 50, signal: controller.signal })) {
        seen.push(...items.map((row) => `${row.traceId}/${row.spanId}`))
        if (seen.length >= 1000) controller.abort()
      }
    })()
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(backend.url(), { projectId: 'race' })))
    await Promise.all(
      stores.map(async (writer, w) => {
        for (let batch = 0; batch < 10; batch += 1) {
          await writer.writers.spans.write(Array.from({ length: 25 }, (_, i) => span(`t${w}`, `s${batch * 25 + i}`)))
        }
      }),
    )
    if (long) {
      // Nothing that is newer than the open transaction may be shown before it has ended.
      expect(seen).toEqual([])
      await long.query('commit')
      await long.end()
    }
    await following
    await Promise.all(stores.map((each) => each.close()))
    expect(seen).toHaveLength(1000)
    expect(new Set(seen).size).toBe(1000)
  })

  it.each([
    ['an unknown table', 'users', {}, 'table'],
    ['no cursor', 'spans', { after: 'x' }, 'after'],
    ['a batch of nothing', 'spans', { limit: 0 }, 'limit'],
    ['no interval', 'spans', { pollMs: 0 }, 'pollMs'],
    ['an unknown filter', 'spans', { filter: { colour: 1 } }, 'colour'],
    ['an unknown filter of events', 'events', { filter: { colour: 1 } }, 'colour'],
  ])('%s is a typed error', async (_, table, options, field) => {
    const next = store.follow(table as 'spans', options as object).next()
    await expect(next).rejects.toBeInstanceOf(ValidationError)
    await expect(next).rejects.toMatchObject({ faults: [{ field }] })
  })

  it('a tail shows the last traces, and each again when it changes', async () => {
    const here = store.forProject('tail')
    await here.writers.spans.write([span('a', '1'), span('b', '1')])
    const controller = new AbortController()
    const shown: string[] = []
    for await (const { traceId, spanCount } of here.traces.tail({ lines: 2, pollMs: 2, signal: controller.signal })) {
      shown.push(`${traceId}${spanCount}`)
      if (shown.length === 2) await here.writers.spans.write([span('a', '2')])
      if (shown.length === 3) await here.writers.spans.write([span('c', '1')])
      if (shown.length === 4) controller.abort()
    }
    expect(shown).toEqual(['a1', 'b1', 'a2', 'c1'])
    const last: string[] = []
    for await (const { traceId } of here.traces.tail({ lines: 1, once: true, traceId: ['a', 'c'] })) last.push(traceId)
    expect(last).toEqual(['c'])
  })
})
