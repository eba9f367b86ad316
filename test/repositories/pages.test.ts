import { afterAll, beforeAll, expect, it } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'

const at = (second: number) => new Date(Date.UTC(2026, 10, 20) + second * 1000)
const cursorOf = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')

describeBackends('pages', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    // Several of each second: pages have to break ties by id.
    await store.writers.spans.write(
      Array.from({ length: 100 }, (_, i) => ({
        traceId: `t${String(i).padStart(3, '0')}`,
        spanId: 's',
        name: `n${i}`,
        startTime: at(Math.floor(i / 7)),
        endTime: i % 3 === 0 ? null : at(Math.floor(i / 7) + (i % 5)),
        attributes: { i },
        input: { text: 'large' },
      })),
    )
  })
  afterAll(() => store.close())

  const walk = async (options: Parameters<Store['traces']['list']>[0]) => {
    const ids: string[] = []
    let after: string | undefined
    do {
      const page = await store.traces.list({ ...options, after })
      expect(page.items.length).toBeGreaterThan(0)
      ids.push(...page.items.map((item) => item.traceId))
      after = page.cursor
    } while (after !== undefined)
    return ids
  }
  const all = Array.from({ length: 100 }, (_, i) => `t${String(i).padStart(3, '0')}`)

  it('walk a list once, newest first', async () => {
    expect(await walk({ limit: 7 })).toEqual(all.toReversed())
    expect(await walk({ limit: 33, direction: 'asc' })).toEqual(all)
    expect(await walk({ limit: 100 })).toEqual(all.toReversed())
  })

  it('walk every order once, rows without the value last', async () => {
    for (const direction of ['asc', 'desc'] as const) {
      const ids = await walk({ limit: 9, orderBy: 'duration', direction })
      expect(new Set(ids).size).toBe(100)
      expect(ids.slice(-34).every((id) => Number(id.slice(1)) % 3 === 0)).toBe(true)
    }
  })

  it('a row that is stored meanwhile moves no other', async () => {
    const first = await store.traces.list({ limit: 60 })
    await store.writers.spans.write([{ traceId: 'new', spanId: 's', name: 'new', startTime: at(1000) }])
    const rest = await store.traces.list({ limit: 60, after: first.cursor })
    expect([...first.items, ...rest.items].map((item) => item.traceId)).toEqual(all.toReversed())
    expect((await store.traces.list({ limit: 1 })).items[0]?.traceId).toBe('new')
  })

  it('light summaries leave out what is heavy', async () => {
    const { items } = await store.spans.list({ limit: 1 })
    expect(items[0]).not.toHaveProperty('attributes')
    expect(items[0]).not.toHaveProperty('input')
    expect(items[0]).not.toHaveProperty('projectId')
    expect(items[0]).toMatchObject({ traceId: 'new', durationMs: null, startTime: '2026-11-20T00:16:40.000000Z' })
  })

  it('a stream ends with its signal', async () => {
    const controller = new AbortController()
    const read = async () => {
      let count = 0
      for await (const _ of store.spans.stream({ batch: 10, signal: controller.signal })) {
        count += 1
        if (count === 15) controller.abort(new Error('enough'))
      }
    }
    await expect(read()).rejects.toThrow('enough')
  })

  it.each([
    ['no cursor', { after: 'nonsense' }, 'after'],
    ['an empty cursor', { after: '' }, 'after'],
    [
      'a cursor of another version',
      { after: cursorOf(9, 'traces.time.desc', '2026-11-20T00:00:00.000000Z', 't') },
      'after',
    ],
    ['a cursor with a number for a time', { after: cursorOf(1, 'traces.time.desc', 5, 't') }, 'after'],
    ['a cursor with no time', { after: cursorOf(1, 'traces.time.desc', 'x', 't') }, 'after'],
    [
      'a cursor with a number for an id',
      { after: cursorOf(1, 'traces.time.desc', '2026-11-20T00:00:00.000000Z', 5) },
      'after',
    ],
    ['a cursor with a NUL', { after: cursorOf(1, 'traces.time.desc', '2026-11-20T00:00:00.000000Z', 't\0') }, 'after'],
    [
      'a cursor of an order that is no text',
      { after: cursorOf(1, { toString: 1 }, '2026-11-20T00:00:00.000000Z', 't') },
      'after',
    ],
    ['a cursor of another order', { after: cursorOf(1, 'traces.cost.desc', 1, 't') }, 'after'],
    [
      'a cursor with an infinite cost',
      { orderBy: 'cost', after: Buffer.from('[1,"traces.cost.desc",1e999,"t"]').toString('base64url') },
      'after',
    ],
    ['a cursor with half a token', { orderBy: 'tokens', after: cursorOf(1, 'traces.tokens.desc', 1.5, 't') }, 'after'],
    ['a limit of 0', { limit: 0 }, 'limit'],
    ['a negative limit', { limit: -1 }, 'limit'],
    ['a limit too high', { limit: 1001 }, 'limit'],
    ['a negative offset', { offset: -1 }, 'offset'],
    ['an unknown order', { orderBy: 'name' }, 'orderBy'],
    ['an unknown direction', { direction: 'up' }, 'direction'],
  ])('%s is a typed error', async (_, options, field) => {
    const list = store.traces.list(options as object)
    await expect(list).rejects.toBeInstanceOf(ValidationError)
    await expect(list).rejects.toMatchObject({ faults: [{ field }] })
  })

  it('of every kind refuse a cursor with a NUL', async () => {
    const time = '2026-11-20T00:00:00.000000Z'
    for (const read of [
      () => store.spans.list({ after: cursorOf(1, 'spans.time.desc', time, 't', 's\0') }),
      () => store.sessions.list({ after: cursorOf(1, 'sessions.time.desc', time, 't\0') }),
      () => store.sessions.list({ orderBy: 'cost', after: cursorOf(1, 'sessions.cost.desc', 1, 't\0') }),
      () => store.logs.list({ after: cursorOf(1, 'logs.time.desc', time, 't\0') }),
      () => store.results.list({ orderBy: 'name', after: cursorOf(1, 'results.name.desc', 'n\0', 't') }),
      () => store.metrics.listPoints({ after: cursorOf(1, 'metricPoints.time.desc', time, 't\0') }),
      () => store.metrics.list({ after: cursorOf(1, 'metrics.name.asc', 'm\0') }),
      () => store.follow('spans', { after: cursorOf(1, 'commit.spans', 1, 't\0', 's'), once: true }).next(),
    ]) {
      await expect(read()).rejects.toThrow(/is not a cursor/)
    }
  })

  it('of every kind refuse what is no page of theirs', async () => {
    const time = '2026-11-20T00:00:00.000000Z'
    const ofResults = cursorOf(1, 'results.time.desc', time, 'r')
    for (const [read, field] of [
      [() => store.logs.list({ after: ofResults }), 'after'],
      [() => store.metrics.listPoints({ after: ofResults }), 'after'],
      [() => store.results.list({ after: ofResults, direction: 'asc' }), 'after'],
      [() => store.results.list({ after: ofResults, orderBy: 'score' }), 'after'],
      [() => store.logs.list({ orderBy: 'severity', after: cursorOf(1, 'logs.severity.desc', 0.5, 'l') }), 'after'],
      [() => store.sessions.list({ orderBy: 'start', after: cursorOf(1, 'sessions.start.desc', 5, 's') }), 'after'],
      [() => store.sessions.list({ orderBy: 'cost', after: cursorOf(1, 'sessions.cost.desc', null, 's') }), 'after'],
      [() => store.logs.list({ orderBy: 'cost' as 'time' }), 'orderBy'],
      [() => store.metrics.list({ orderBy: 'time' as 'name' }), 'orderBy'],
      [() => store.sessions.list({ direction: 'up' as 'asc' }), 'direction'],
      [() => store.results.list({ offset: 0.5 }), 'offset'],
      [() => store.sessions.list({ limit: 0 }), 'limit'],
    ] as const) {
      await expect(read()).rejects.toMatchObject({ constructor: ValidationError, faults: [{ field }] })
    }
  })

  it('a failure says nothing of the values asked for', async () => {
    const closed = await openStore(backend.url())
    await closed.close()
    const error = await closed.traces.list({ userId: 'secret-user' }).catch((thrown: unknown) => thrown)
    expect(JSON.stringify([String(error), error, (error as Error).cause])).not.toContain('secret-user')
  })
})
