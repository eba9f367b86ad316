import type { Direction, FilterOf, Page, ResultSummary, Session, Store } from '../../src/index.ts'
import type { Equal, Expect } from './equal.ts'

// What filters and lists take and give. Nothing runs here: it must compile, with these very types.

type Wanted<E extends keyof FilterOf, K extends keyof FilterOf[E]> = NonNullable<FilterOf[E][K]>

export type Vocabularies = [
  Expect<Equal<Wanted<'results', 'kind'>, 'test' | 'evaluation' | readonly ('test' | 'evaluation')[]>>,
  Expect<
    Equal<
      Extract<FilterOf['results']['status'], string | null>,
      'pending' | 'running' | 'passed' | 'failed' | 'error' | 'skipped' | 'timeout' | null
    >
  >,
  Expect<Equal<Extract<FilterOf['traces']['status'], null>, never>>,
  Expect<Equal<FilterOf['metrics']['lowerIsBetter'], boolean | null | undefined>>,
]

export type Combined = [
  Expect<Equal<Wanted<'logs', 'or'>, readonly FilterOf['logs'][]>>,
  Expect<Equal<Wanted<'metrics', 'not'>, FilterOf['metrics']>>,
  Expect<Equal<Wanted<'results', 'inTrace'>, FilterOf['traces']>>,
  Expect<Equal<Wanted<'traces', 'hasSpan'>, FilterOf['spans']>>,
]

export async function lists(store: Store) {
  const { traces, results, logs, metrics, sessions } = store
  const page = await results.list({
    or: [{ failing: true }, { score: { lt: 0.5 } }],
    orderBy: 'score',
    direction: 'asc',
  })
  type OfResults = Expect<Equal<typeof page, Page<ResultSummary>>>
  const talks = await sessions.list({ userId: 'u', orderBy: 'traces', after: page.cursor, offset: 10 })
  type OfSessions = Expect<Equal<typeof talks, Page<Session>>>
  await logs.count({ and: [{ level: ['warn', 'error'] }, { not: { search: 'test' } }] })
  await metrics.listPoints({ metricName: ['a', 'b'], value: { gt: 1 }, orderBy: 'value' })
  for await (const { items } of store.follow('logs', { filter: { not: { serviceName: 'api' } } })) items.at(0)?.body
  const direction: Direction = 'desc'
  await traces.list({ direction, orderBy: 'tokens' })
  // @ts-expect-error no such field
  await results.list({ colour: 'red' })
  // @ts-expect-error no such status, however deep
  await results.list({ or: [{ not: { status: 'ok' } }] })
  // @ts-expect-error a range of texts is none of numbers
  await results.count({ score: { gt: '1' } })
  // @ts-expect-error logs have no cost
  await logs.list({ orderBy: 'cost' })
  // @ts-expect-error metrics have no time
  await metrics.list({ since: new Date() })
  // @ts-expect-error the metric is the first argument
  await metrics.points('a', { metricName: 'b' })
  return null as unknown as [OfResults, OfSessions]
}
