import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  BatchError,
  type Json,
  type JsonObject,
  type NewSpan,
  type NewTrace,
  openStore,
  type SpanFilter,
  type Store,
} from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'

const span = (spanId: string, more: object = {}): NewSpan => ({
  traceId: 't',
  spanId,
  name: 'n',
  startTime: '2026-11-20T10:03:00.123456Z',
  ...more,
})

/** Arrays in arrays. */
function nested(levels: number): unknown {
  let value: unknown = 'core'
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}

describeBackends('rows as nobody expects them', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  const stored = async (row: NewSpan) => {
    await store.writers.spans.write(row)
    return store.spans.get(row.traceId, row.spanId)
  }
  /** Writes rows between two good ones: they are refused, those are not. Returns what is said of each. */
  const refusals = async (refused: readonly NewSpan[]) => {
    const traceId = `refused ${Math.random()}`
    const rows = [
      span('before', { traceId }),
      ...refused.map((row) => ({ ...row, traceId })),
      span('after', { traceId }),
    ]
    const error = (await thrown(store.writers.spans.write(rows))) as BatchError
    expect(error).toBeInstanceOf(BatchError)
    expect(error).toMatchObject({ stored: 2, rejected: refused.map((_, n) => ({ index: n + 1 })) })
    expect((await store.traces.get(traceId))?.spans.map(({ spanId }) => spanId).sort()).toEqual(['after', 'before'])
    return error.rejected.map(({ message }) => message)
  }
  const refusal = async (row: NewSpan) => (await refusals([row]))[0]

  it('text that an engine cannot hold is replaced, the same way everywhere', async () => {
    const row = span('nul', {
      name: 'a\0b\ud800c\udc00d',
      model: '\0',
      input: 'x\0y\ud83d',
      attributes: { 'k\0\ud800': ['\0', { deep: '\udfff' }], fine: '\u{1f600} \\u0000 \\ud800' },
      tags: ['\0'],
    })
    expect(await stored(row)).toMatchObject({
      name: 'a\ufffdb\ufffdc\ufffdd',
      model: '\ufffd',
      input: 'x\ufffdy\ufffd',
      attributes: { 'k\ufffd\ufffd': ['\ufffd', { deep: '\ufffd' }], fine: '\u{1f600} \\u0000 \\ud800' },
      tags: ['\ufffd'],
    })
  })

  it('ids with such text are one key', async () => {
    await store.writers.spans.write([span('id\0'), span('id\ufffd'), span('id\ud800')])
    expect(
      (await store.spans.list({ traceId: 't' })).items.filter(({ spanId }) => spanId.startsWith('id')),
    ).toHaveLength(1)
  })

  it('what JSON cannot hold becomes its string, never a throw', async () => {
    const cycle: Record<string, unknown> = { name: 'loop' }
    cycle.self = cycle
    const shared = { once: 1 }
    const input = {
      big: 2n ** 70n,
      date: new Date('2026-11-20T10:03:00.5Z'),
      cycle,
      twice: [shared, shared],
      nan: Number.NaN,
      url: new URL('https://example.org/x'),
      missing: undefined,
      list: [undefined, 1],
    }
    expect((await stored(span('json', { input })))?.input).toEqual({
      big: '1180591620717411303424',
      date: '2026-11-20T10:03:00.500Z',
      cycle: { name: 'loop', self: '[circular]' },
      twice: [{ once: 1 }, { once: 1 }],
      nan: null,
      url: 'https://example.org/x',
      list: [null, 1],
    })
  })

  it('a document reads the same whether or not another value in it was replaced', async () => {
    const odd = { fn: () => 1, symbol: Symbol('s'), boxed: [Object('text'), Object(5), Object(true)] }
    const alone = (await stored(span('odd', { input: odd })))?.input
    const beside = (await stored(span('odd2', { input: { ...odd, nul: '\0' } })))?.input
    expect(beside).toEqual({ ...(alone as object), nul: '\ufffd' })
  })

  it('keys that mean something to JavaScript are only keys', async () => {
    const attributes = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": 2}, "a\\u0000": 3}')
    const row = await stored(span('proto', { attributes }))
    expect(Object.keys(row?.attributes ?? {}).sort()).toEqual(['__proto__', 'a\ufffd', 'constructor'])
    expect(JSON.stringify(row?.attributes)).toContain('"__proto__":{"polluted":1}')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('records may come from anywhere: without a prototype, as instances, with getters', async () => {
    const bare = Object.assign(Object.create(null), span('bare'))
    class Own {
      traceId = 't'
      spanId = 'own'
      name = 'an instance'
      startTime = new Date(0)
    }
    const withGetter = {
      ...span('getter'),
      get name() {
        return 'from a getter'
      },
    }
    await store.writers.spans.write([bare, new Own(), withGetter])
    expect((await store.spans.get('t', 'own'))?.name).toBe('an instance')
    expect((await store.spans.get('t', 'getter'))?.name).toBe('from a getter')
    expect(await store.spans.get('t', 'bare')).toBeDefined()
  })

  it('what is no record at all costs no other row', async () => {
    const rows = [{ body: 'before' }, null, undefined, 5, 'text', { body: 'after' }] as { body: string }[]
    const { logs } = store.forProject('no records').writers
    const error = (await thrown(logs.write(rows))) as BatchError
    expect(error).toBeInstanceOf(BatchError)
    expect(error).toMatchObject({ stored: 2, rejected: [1, 2, 3, 4].map((index) => ({ index })) })
    expect(error.rejected[0]?.message).toBe('record must be an object')
    expect(await logs.bulk(rows)).toMatchObject({ read: 6, stored: 2, rejected: 4, rejections: error.rejected })
  })

  it('1 000 levels of nesting are kept, and harm no question', async () => {
    const input = nested(1_000)
    const attributes = { deep: nested(999), team: 'b' }
    expect(JSON.stringify((await stored(span('deep', { input, attributes })))?.input)).toBe(JSON.stringify(input))
    await store.writers.traces.write({ traceId: 't', metadata: attributes as JsonObject })
    const ids = async (filter: SpanFilter) => (await store.spans.list(filter)).items.map(({ spanId }) => spanId)
    const isTeam = { path: 'team', eq: 'b' }
    expect(await ids({ attributes: isTeam })).toEqual(['deep'])
    expect(await ids({ attributes: { path: 'deep', exists: true } })).toEqual(['deep'])
    expect(await ids({ input: { contains: 'core' } })).toEqual(['deep'])
    expect((await store.traces.list({ metadata: isTeam })).items.map(({ traceId }) => traceId)).toEqual(['t'])
  })

  it.each([1_001, 10_000])('%d levels are refused', async (levels) => {
    const atMost = /at most 1000 levels/
    expect(await refusal(span('s', { input: nested(levels) }))).toMatch(atMost)
    expect(await refusal(span('s', { attributes: { a: nested(levels - 1) } }))).toMatch(atMost)
    expect((await thrown(store.writers.logs.write({ body: nested(levels) as Json }))).message).toMatch(atMost)
    const metadata = { '"': '\\', deep: nested(levels - 1) } as JsonObject
    const error = await thrown(store.writers.traces.write({ traceId: 'deep', metadata }))
    expect(error.message).toMatch(/metadata .* at most 1000 levels/)
  })

  it('what only looks like many levels is kept', async () => {
    const input = [{ text: `\\${'["{'.repeat(1_001)}` }, ...Array.from({ length: 1_001 }, () => [{ a: '}]\\"' }])]
    expect((await stored(span('flat', { input })))?.input).toEqual(input)
  })

  it('100 000 levels are refused', async () => {
    expect(await refusal(span('abyss', { attributes: { a: nested(100_000) } }))).toMatch(/attributes/)
  })

  it('a row of some megabytes is kept, one beyond 32 MiB is refused', async () => {
    const input = 'wide '.repeat(600_000)
    expect((await stored(span('large', { input })))?.input).toBe(input)
    expect(await refusal(span('too large', { input: 'x'.repeat(33 * 1024 * 1024) }))).toMatch(/at most 32 MiB/)
  })

  it('ids have at most 256 characters', async () => {
    for (const id of ['x'.repeat(256), 'é'.repeat(256), '\u65e5'.repeat(256), '\u{1f600}'.repeat(128)]) {
      expect(await stored(span(id, { traceId: id, parentSpanId: id, sessionId: id, userId: id }))).toMatchObject({
        spanId: id,
        userId: id,
      })
      expect((await store.traces.get(id))?.spans).toHaveLength(1)
    }
    const tooLong = ['x'.repeat(257), '\u{1f600}'.repeat(201)]
    expect(
      await refusals([
        ...tooLong.map((id) => span(id)),
        ...tooLong.map((id) => span('s', { sessionId: id })),
        span(''),
      ]),
    ).toEqual([
      ...tooLong.map(() => expect.stringMatching(/spanId must be at most 256 characters/)),
      ...tooLong.map(() => expect.stringMatching(/sessionId must be at most 256 characters/)),
      expect.stringMatching(/must not be empty/),
    ])
  })

  it('times reach from 1970 to 2255', async () => {
    const last = '2255-06-05T23:47:34.740991Z'
    for (const [i, [given, kept]] of [
      ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000000Z'],
      [new Date(0), '1970-01-01T00:00:00.000000Z'],
      [last, last],
      ['2026-11-20T10:03:00.123456789Z', '2026-11-20T10:03:00.123456Z'],
      ['2024-02-29T23:59:59.999999Z', '2024-02-29T23:59:59.999999Z'],
    ].entries()) {
      expect(await stored(span(`time ${i}`, { startTime: given, endTime: given }))).toMatchObject({
        startTime: kept,
        endTime: kept,
        durationMs: 0,
      })
    }
    const wrong = [
      '1969-12-31T23:59:59.999999Z',
      '2255-06-05T23:47:34.740992Z',
      new Date(-1),
      new Date(Number.NaN),
      new Date(8.64e15),
      '2026-11-20T10:03:00+01:00',
      '2026-11-20',
      1_763_632_980_000,
      '',
    ]
    expect(await refusals(wrong.map((startTime) => span('s', { startTime })))).toEqual(
      wrong.map(() => expect.stringMatching(/startTime must be a Date or ISO-8601/)),
    )
  })

  it('a trace of another century than the rest of its batch has its row', async () => {
    const starts = ['2255-06-05T23:47:34.740991Z', '2150-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z']
    const project = store.forProject('centuries')
    await project.writers.spans.write(starts.map((startTime) => span('s', { traceId: startTime, startTime })))
    const { items } = await project.traces.list()
    expect(items.map(({ traceId, startTime, spanCount }) => [traceId, startTime, spanCount])).toEqual(
      starts.map((start) => [start, start, 1]),
    )
  })

  const faults: [object, RegExp][] = [
    [{ endTime: '2026-11-20T10:03:00.123455Z' }, /endTime must not be before startTime/],
    [{ inputTokens: -1 }, /inputTokens must be an integer from 0/],
    [{ inputTokens: 1.5 }, /inputTokens must be an integer/],
    [{ inputTokens: Number.NaN }, /inputTokens must be an integer/],
    [{ inputTokens: 2 ** 53 }, /inputTokens must be an integer/],
    [{ inputTokens: '5' }, /inputTokens must be an integer/],
    [{ sequence: 2 ** 31 }, /sequence must be an integer/],
    [{ costUsd: Number.NaN }, /costUsd must be a finite number/],
    [{ costUsd: Number.POSITIVE_INFINITY }, /costUsd must be a finite number/],
    [{ costUsd: -0.01 }, /costUsd must be a finite number/],
    [{ durationMs: -1 }, /durationMs must be a finite number/],
    [{ name: 5 }, /name must be a string/],
    [{ kind: 'LLM' }, /kind must be one of/],
    [{ status: 'OK' }, /status must be one of/],
    [{ otelKind: 5 }, /otelKind must be one of/],
  ]
  it('values that a column cannot have are refused, each with its reason', async () => {
    expect(await refusals(faults.map(([fields]) => span('s', fields)))).toEqual(
      faults.map(([, message]) => expect.stringMatching(message)),
    )
  })

  it('a trace that ends before it starts is refused', async () => {
    const trace: NewTrace = { traceId: 'backwards', startTime: new Date(2_000), endTime: new Date(1_000) }
    const error = await thrown(store.writers.traces.write(trace))
    expect(error).toBeInstanceOf(BatchError)
    expect(error.message).toMatch(/endTime must not be before startTime/)
  })

  it.each([
    ['costs', 3, { costUsd: 1e300 }],
    ['costs that overflow as nano-dollars', 3, { costUsd: 9e9 }],
    ['durations', 3, { durationMs: 1e300 }],
    ['durations of one span', 1, { durationMs: 1e300 }],
    ['tokens', 1_100, { inputTokens: Number.MAX_SAFE_INTEGER }],
  ])('absurd %s harm no other row, now or later', async (what, count, fields) => {
    const traceId = `absurd ${what}`
    const absurd = Array.from({ length: count }, (_, n) => span(`absurd ${n}`, { traceId, ...fields }))
    // Whether the engine takes them or not; what it refuses it must name.
    const outcome = await store.writers.spans.write(absurd).catch((error: unknown) => error)
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(BatchError)
    // A parent that comes later turns a root into a step, whose duration counts from then on.
    const parent = span('parent', { traceId, startTime: new Date(0) })
    const child = span('child', { traceId, parentSpanId: 'parent' })
    expect(await store.writers.spans.write([parent, child])).toEqual({ stored: 2, deduplicated: 0 })
    expect(await store.writers.spans.write(span('s', { traceId: 'another' }))).toMatchObject({ stored: 1 })
    await store.analytics.usage()
  })

  it('events and traces are checked as well', async () => {
    const time = new Date(0)
    const events = [{ ordinal: -1 }, { ordinal: 1.5 }, { name: undefined }, { time: 'x' }].map((fault) => {
      return { traceId: 't', spanId: 's', ordinal: 0, name: 'e', time, ...fault } as never
    })
    const error = (await thrown(store.writers.events.write(events))) as BatchError
    expect(error.rejected.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    const traces = [{ traceId: '' }, { traceId: 'ok' }, { traceId: 't', status: 'x' }, { traceId: 't', costUsd: -1 }]
    expect((await thrown(store.writers.traces.write(traces as never))) as BatchError).toMatchObject({
      stored: 1,
      rejected: [{ index: 0 }, { index: 2 }, { index: 3 }],
    })
  })
})
