import { afterAll, beforeAll, expect, it } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import { filterLimits } from '../../src/repositories/filters/values.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'

const nested = (levels: number): object => {
  let filter: object = { name: 'a' }
  for (let level = 0; level < levels; level += 1) filter = { or: [filter] }
  return filter
}

const endless: Record<string, unknown> = {}
endless.or = [endless, endless]

/** Filters that are none, and the field that the error names. */
const bad: Record<string, [filter: unknown, field: string]> = {
  'an unknown field': [{ colour: 'red' }, 'colour'],
  'a column that is no field': [{ projectId: 'other' }, 'projectId'],
  'a field of Object.prototype': [{ constructor: 'x' }, 'constructor'],
  'a field of another table': [{ metadata: { path: 'a', eq: 1 }, toolName: 'y' }, 'toolName'],
  'a number for a text': [{ name: 5 }, 'name'],
  'an object for a text': [{ name: { like: 'x' } }, 'name.like'],
  'an empty needle': [{ name: { contains: '' } }, 'name.contains'],
  'a word that is no status': [{ status: 'broken' }, 'status'],
  'a status that is SQL': [{ status: "ok' or '1'='1" }, 'status'],
  'a text for a number': [{ durationMs: '5' }, 'durationMs'],
  'not a number': [{ durationMs: { gte: Number.NaN } }, 'durationMs.gte'],
  'an unknown bound': [{ durationMs: { above: 5 } }, 'durationMs.above'],
  'no time': [{ since: 'yesterday' }, 'since'],
  'a broken date': [{ until: new Date('x') }, 'until'],
  'a time before 1970': [{ startTime: { gte: '1960-01-01T00:00:00Z' } }, 'startTime.gte'],
  'a text for a boolean': [{ hasError: 'yes' }, 'hasError'],
  'tags of numbers': [{ tags: { any: [1] } }, 'tags.any'],
  'a path of nothing': [{ metadata: { path: [], eq: 1 } }, 'metadata.path'],
  'a path with a fraction': [{ metadata: { path: ['a', 1.5], eq: 1 } }, 'metadata.path'],
  'a path without an operator': [{ metadata: { path: 'a' } }, 'metadata'],
  'an unknown operator': [{ metadata: { path: 'a', like: 'x' } }, 'metadata.like'],
  'a big integer': [{ metadata: { path: 'a', eq: 5n } }, 'metadata.eq'],
  'an infinite number': [{ metadata: { path: 'a', gt: Number.POSITIVE_INFINITY } }, 'metadata.gt'],
  'or of no list': [{ or: { name: 'x' } }, 'or'],
  'not of nothing': [{ not: null }, 'not'],
  'a fault inside': [{ or: [{ name: 'a' }, { not: { status: 'x' } }] }, 'or[1].not.status'],
  'a fault in a span': [{ hasSpan: { kind: 'x' } }, 'hasSpan.kind'],
  '10 000 levels': [nested(10_000), 'filter'],
  '10 000 alternatives': [{ or: Array.from({ length: 10_000 }, () => ({ name: 'a' })) }, 'filter'],
  'more values than a list may have': [{ name: new Array(10_001).fill('a') }, 'name'],
  'a filter without end': [endless, 'filter'],
  'a document too deep': [
    { metadata: { path: 'a', eq: { x: JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) } } },
    'metadata.eq',
  ],
}

/** The same of other entities: how each is asked, a filter, and the field that the error names. */
const badOthers: Record<
  string,
  [count: (store: Store, filter: never) => Promise<unknown>, filter: unknown, field: string]
> = {
  'an unknown status of a result': [
    ({ results }, filter) => results.count(filter),
    { or: [{ status: 'ok' }] },
    'or[0].status',
  ],
  'an attempt before the first': [
    ({ results }, filter) => results.count(filter),
    { not: { attempt: -1 } },
    'not.attempt',
  ],
  'an unknown field of a trace that is judged': [
    ({ results }, filter) => results.count(filter),
    { inTrace: { colour: 'red' } },
    'inTrace.colour',
  ],
  'a level that is none': [({ logs }, filter) => logs.count(filter), { and: [{ level: 'loud' }] }, 'and[0].level'],
  'a severity beyond the last': [({ logs }, filter) => logs.list(filter), { minSeverity: 25 }, 'minSeverity'],
  'a search without a word': [({ logs }, filter) => logs.list(filter), { or: [{ search: '--' }] }, 'or[0].search'],
  'a field of traces for a log': [({ logs }, filter) => logs.statistics(filter), { hasError: true }, 'hasError'],
  'an empty pattern': [({ metrics }, filter) => metrics.list(filter), { not: { pattern: '' } }, 'not.pattern'],
  'a range of time of metrics': [
    ({ metrics }, filter) => metrics.countDescriptions(filter),
    { since: new Date(0) },
    'since',
  ],
  'a text for a boolean of a metric': [
    ({ metrics }, filter) => metrics.streamDescriptions(filter).next(),
    { lowerIsBetter: 'yes' },
    'lowerIsBetter',
  ],
  'a text for the value of a point': [
    ({ metrics }, filter) => metrics.aggregates(filter),
    { or: [{ value: { gt: 'x' } }] },
    'or[0].value.gt',
  ],
  'a filter of points without end': [({ metrics }, filter) => metrics.listPoints(filter), endless, 'filter'],
  'a filter of sessions of another table': [
    ({ sessions }, filter) => sessions.count(filter),
    { toolName: 'x' },
    'toolName',
  ],
  'a filter of followed events of another table': [
    (store, filter) => store.follow('events', { filter, once: true }).next(),
    { ordinal: 1 },
    'ordinal',
  ],
}

const hostile = [
  '"',
  "'",
  '\\',
  "'; drop table x; --",
  '$[0]',
  '$.a',
  'a"b',
  '%',
  '{',
  '}',
  '\u0000',
  '\ud800',
  '',
  '__proto__',
  '\n',
  '*',
  '?',
  '$1',
]

describeBackends('filters that are none', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await store.writers.traces.write([
      { traceId: 't', metadata: Object.fromEntries(hostile.map((name) => [name, { [name]: name }])) },
    ])
  })
  afterAll(() => store.close())

  it.each(Object.entries(bad))('%s is a typed error, and nothing runs', async (_, [filter, field]) => {
    const closed = await openStore(backend.url())
    await closed.close()
    // On a closed pool every query fails otherwise: the refusal comes before it.
    for (const run of [
      () => closed.traces.list(filter as object),
      () => closed.traces.count(filter as object),
      () => closed.analytics.runs(filter as object),
      () => closed.sessions.list(filter as object),
    ]) {
      const error = await run().then(
        () => expect.unreachable(),
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(ValidationError)
      expect((error as ValidationError).faults[0]?.field).toBe(field)
    }
  })

  it.each(Object.entries(badOthers))('%s is a typed error, and nothing runs', async (_, [ask, filter, field]) => {
    const closed = await openStore(backend.url())
    await closed.close()
    await expect(async () => ask(closed, filter as never)).rejects.toMatchObject({
      constructor: ValidationError,
      faults: [{ field }],
    })
  })

  it.each(hostile.map((name) => [JSON.stringify(name), name] as const))('finds a key called %s', async (_, name) => {
    const found = { metadata: { path: [name, name], eq: name } }
    expect(await store.traces.count(found)).toBe(1)
    expect(await store.traces.count({ metadata: { path: [name, name], ne: name } })).toBe(0)
    expect(await store.traces.count({ metadata: { path: name, eq: { [name]: name } } })).toBe(1)
    expect(await store.traces.count({ name, userId: name, sessionId: [name, 'x'] })).toBe(0)
    expect(await store.traces.get(name)).toBeUndefined()
    expect(await store.traces.count({ tags: { all: [name] }, input: { contains: `x${name}` } })).toBe(0)
  })

  it('the largest filter runs', async () => {
    const wide = { or: Array.from({ length: filterLimits.conditions / 2 - 1 }, (_, i) => ({ name: `n${i}` })) }
    expect(await store.traces.count(wide)).toBe(0)
    expect(await store.traces.count(nested(filterLimits.depth) as object)).toBe(0)
    const list = Array.from({ length: filterLimits.conditions - 3 }, (_, i) => i)
    expect(await store.traces.count({ metadata: { path: 'a', eq: list } })).toBe(0)
    const paths = Array.from({ length: 130 }, (_, i) => ({
      path: `k${i}`,
      exists: true,
      gt: 1,
      gte: 2,
      lt: 9,
      lte: 8,
    }))
    expect(await store.traces.count({ metadata: paths })).toBe(0)
    expect(await store.traces.count({ traceId: [...new Array(filterLimits.listLength - 1).fill('x'), 't'] })).toBe(1)
  }, 60_000)

  it('an empty filter is no filter; an empty list fits nothing', async () => {
    expect(await store.traces.count({})).toBe(1)
    expect(await store.traces.count({ name: undefined, and: [] })).toBe(1)
    expect(await store.traces.count({ name: [] })).toBe(0)
    expect(await store.traces.count({ or: [] })).toBe(0)
    expect(await store.traces.count({ not: {} })).toBe(0)
  })
})
