import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Direction } from '../../src/repositories/order.ts'
import type { SessionOrder } from '../../src/repositories/session-sums.ts'
import { pathTo, subtreeOf } from '../../src/repositories/span-tree.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'

const second = (n: number) => `2026-11-20T10:00:${String(n).padStart(2, '0')}.000001Z`
const span = (spanId: string, parentSpanId: string | null, start: number, more: object = {}) => ({
  traceId: 't',
  spanId,
  parentSpanId,
  name: spanId,
  startTime: second(start),
  ...more,
})

describeBackends('structure', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await store.writers.spans.write([
      span('root', null, 0),
      span('b', 'root', 5),
      span('a', 'root', 1),
      span('a2', 'a', 3, { sequence: 2 }),
      span('a1', 'a', 3, { sequence: 1 }),
      span('a0', 'a', 3),
      span('lost', 'nowhere', 9),
      span('x', 'y', 10),
      span('y', 'x', 11),
      { ...span('a', null, 1), traceId: 'other' },
    ])
    await store.writers.events.write([
      { traceId: 't', spanId: 'a', ordinal: 1, name: 'second', time: second(2) },
      { traceId: 't', spanId: 'a', ordinal: 0, name: 'first', time: second(2) },
    ])
    await store.writers.traces.write([
      { traceId: 'child1', parentRunId: 'run', startTime: second(1) },
      {
        traceId: 'child2',
        parentRunId: 'run',
        startTime: second(2),
        sessionId: 'talk',
        userId: 'u2',
        inputTokens: 5,
        costUsd: 0.1,
      },
      { traceId: 'child3', startTime: second(3), sessionId: 'talk', userId: 'u3', inputTokens: 7, costUsd: 0.2 },
      { traceId: 'child4', startTime: second(3), sessionId: 'other', userId: 'u3' },
    ])
  })
  afterAll(() => store.close())

  const names = (spans: readonly { spanId: string }[]) => spans.map((each) => each.spanId)

  it('a trace has its spans and their events in order', async () => {
    const trace = await store.traces.get('t')
    expect(names(trace?.spans ?? [])).toEqual(['root', 'a', 'a1', 'a2', 'a0', 'b', 'lost', 'x', 'y'])
    expect(trace?.spans[1]?.events.map((event) => event.name)).toEqual(['first', 'second'])
    expect(names(await store.spans.ofTrace('t'))).toEqual(names(trace?.spans ?? []))
    expect(await store.traces.get('t', { spans: false })).toEqual({ ...trace, spans: undefined })
    expect(await store.traces.get('none')).toBeUndefined()
  })

  it('the span itself, with its content', async () => {
    expect(await store.spans.get('t', 'a')).toMatchObject({ name: 'a', attributes: {}, startTime: second(1) })
    expect(await store.spans.get('t', 'none')).toBeUndefined()
  })

  it('children, sub-tree and path', async () => {
    expect(names(await store.spans.children('t', 'a'))).toEqual(['a1', 'a2', 'a0'])
    const tree = await store.spans.subtree('t', 'root')
    expect(tree.map((each) => [each.spanId, each.depth])).toEqual([
      ['root', 0],
      ['a', 1],
      ['a1', 2],
      ['a2', 2],
      ['a0', 2],
      ['b', 1],
    ])
    expect(names(await store.spans.pathToRoot('t', 'a1'))).toEqual(['root', 'a', 'a1'])
    expect(names(await store.spans.pathToRoot('t', 'lost'))).toEqual(['lost'])
    expect(await store.spans.subtree('t', 'none')).toEqual([])
    expect(await store.spans.pathToRoot('t', 'none')).toEqual([])
    expect(await store.spans.children('t', 'b')).toEqual([])
  })

  it('spans that are their own ancestors have an end', async () => {
    expect(names(await store.spans.subtree('t', 'x'))).toEqual(['x', 'y'])
    expect(names(await store.spans.pathToRoot('t', 'x'))).toEqual(['y', 'x'])
  })

  it('runs of a parent run', async () => {
    const { items } = await store.traces.runsOf('run')
    expect(items.map((item) => item.traceId)).toEqual(['child2', 'child1'])
  })

  it('sessions with sums, the newest first', async () => {
    const first = await store.sessions.list({ limit: 1 })
    expect(first.items.map((each) => each.sessionId)).toEqual(['other'])
    const { items, cursor } = await store.sessions.list({ limit: 5, after: first.cursor })
    expect(cursor).toBeUndefined()
    expect(items).toEqual([
      expect.objectContaining({
        sessionId: 'talk',
        userId: 'u3',
        traces: 2,
        inputTokens: 12,
        costUsd: 0.3,
        firstStart: second(2),
        lastStart: second(3),
      }),
    ])
    expect(await store.sessions.get('talk')).toEqual(items[0])
    expect(await store.sessions.get('none')).toBeUndefined()
  })

  it('sessions in other orders, in pages', async () => {
    const idsIn = async (orderBy: SessionOrder, direction: Direction) => {
      const first = await store.sessions.list({ orderBy, direction, limit: 1 })
      const next = await store.sessions.list({ orderBy, direction, after: first.cursor })
      expect(next.cursor).toBeUndefined()
      return [...first.items, ...next.items].map(({ sessionId }) => sessionId)
    }
    expect(await idsIn('time', 'asc')).toEqual(['talk', 'other'])
    expect(await idsIn('start', 'asc')).toEqual(['talk', 'other'])
    expect(await idsIn('traces', 'desc')).toEqual(['talk', 'other'])
    expect(await idsIn('cost', 'desc')).toEqual(['talk', 'other'])
    expect(await store.sessions.count()).toBe(2)
    expect(await store.sessions.count({ not: { sessionId: 'talk' } })).toBe(1)
  })

  it('a filter of sessions decides which traces count', async () => {
    const { items } = await store.sessions.list({ userId: 'u2' })
    expect(items).toEqual([expect.objectContaining({ sessionId: 'talk', userId: 'u2', traces: 1, inputTokens: 5 })])
  })
})

it('a chain of 100 000 spans is no deep recursion', () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => ({
    spanId: `${i}`,
    parentSpanId: i === 0 ? null : `${i - 1}`,
  }))
  expect(subtreeOf(chain, '0').at(-1)).toEqual({ spanId: '99999', depth: 99_999 })
  expect(pathTo(chain, '99999')).toHaveLength(100_000)
})
