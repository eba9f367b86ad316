import { factColumns, factsOf, type SpanFacts } from '../../fold/span-facts.ts'
import { countedOfValues, countedValues, isSameShare } from '../../fold/stored-form.ts'
import { measures } from '../../fold/usage.ts'
import { type Counted, countedIn, countUsage } from '../../fold/usage-tree.ts'
import { type ColumnSpec, columnSpecs, countedSpecs, shareColumns, type Value } from '../../rows/accepted-row.ts'
import { insertTargets } from './insert-target.ts'
import { ofTouchedNearby } from './recompute.ts'
import type { ClickHouseStatements } from './statements.ts'

/** How often what others store meanwhile may call for another look. */
const mostRounds = 8
/** Spans whose shares one statement stores: they are its parameters. */
const spansPerInsert = 500

const specOf = (key: string) => columnSpecs.spans.find((spec) => spec.key === key) as ColumnSpec
const shareSpecs = countedSpecs.spans.filter(({ key }) => (shareColumns as readonly string[]).includes(key))

const plain = ({ name, type }: ColumnSpec): string => (type === 'timestamp' ? `toUnixTimestamp64Micro(${name})` : name)

const usageNames = factColumns.slice(-measures.length + 1).map((key) => specOf(key).name)
const reports = usageNames.map((name) => `${name} is not null`).join(' or ')

/**
 * Traces in which a span that reports usage may repeat what is below it, or reports what does not add up, and those in
 * which one was found to.
 */
const findLevels = `select distinct trace_id from spans where ${ofTouchedNearby} and (
  (kind = 'llm' or ${reports}) and (trace_id, span_id) in
    (select trace_id, ifNull(parent_span_id, '') from spans where ${ofTouchedNearby})
  or cache_read_tokens > ifNull(input_tokens, 0) or cache_creation_tokens > ifNull(input_tokens, 0)
  or reasoning_tokens > ifNull(output_tokens, 0)
  or total_tokens < ifNull(input_tokens, 0) + ifNull(output_tokens, 0)
  or ${shareSpecs.map(({ name }) => `${name} is not null`).join(' or ')})`

const findSpans = `select trace_id, ${[...factColumns.map(specOf), ...shareSpecs].map(plain).join(', ')}
  from spans where ${ofTouchedNearby} order by trace_id, span_id`

const kept = insertTargets.spans.columns.map(({ name }) => name)
const given = shareSpecs.map(({ name, type }, n) => {
  const number = type === 'real' ? 'Float64' : 'Int64'
  return { name, parameter: `{p${n + 8}:Array(Nullable(${number}))}`, value: `tupleElement(g.given, ${n + 4})` }
})
// The stamp stays, and of versions with the same stamp the one that was stored last wins. The insert may repeat an earlier
// one that another has replaced since.
const storeShares = `insert into spans (${[...kept, ...shareSpecs.map(({ name }) => name)].join(', ')})
  settings insert_deduplicate = 0
  select ${kept.map((name) => `s.${name}`).join(', ')}, ${given.map(({ value }) => value).join(', ')}
  from (select * from spans where ${ofTouchedNearby}) as s
  inner join (select arrayJoin(arrayZip({p5:Array(String)}, {p6:Array(String)}, {p7:Array(Int64)},
    ${given.map(({ parameter }) => parameter).join(', ')})) as given,
    tupleElement(given, 1) as trace_id, tupleElement(given, 2) as span_id, tupleElement(given, 3) as stamp) as g
  on s.trace_id = g.trace_id and s.span_id = g.span_id
  where toUnixTimestamp64Micro(s.written_at) = g.stamp`

/** Touched traces of a project, and between which instants their spans start. */
export interface Touched {
  readonly projectId: string
  readonly traceIds: readonly string[]
  readonly from: number
  readonly to: number
}

interface Changed {
  readonly traceId: string
  readonly facts: SpanFacts
  readonly values: readonly Value[]
}

/**
 * What counts of the usage of spans. It is worked out after the spans are stored, and only for traces in which usage is
 * reported on more than one level. Without locks, another writer may store spans meanwhile: so what was stored is looked at
 * once more, until it is right. Whoever stores last looks last.
 */
export class Shares {
  readonly #pool: ClickHouseStatements

  constructor(pool: ClickHouseStatements) {
    this.#pool = pool
  }

  /** Brings the shares of some traces up to date; answers with whether there are any. */
  async bringUpToDate({ projectId, traceIds, from, to }: Touched): Promise<boolean> {
    const found = await this.#pool.rows(findLevels, [projectId, traceIds, 0, from, to])
    let open = found.map(([traceId]) => traceId as string)
    const hasShares = open.length > 0
    for (let round = 1; open.length > 0 && round <= mostRounds; round += 1) {
      const params = [projectId, open, 0, from, to]
      const changed = changedShares(await this.#pool.rows(findSpans, params))
      for (let at = 0; at < changed.length; at += spansPerInsert) {
        await this.#store(params, changed.slice(at, at + spansPerInsert))
      }
      open = [...new Set(changed.map(({ traceId }) => traceId))]
    }
    return hasShares
  }

  async #store(touched: readonly unknown[], changed: readonly Changed[]): Promise<void> {
    const arrays = [
      changed.map(({ traceId }) => traceId),
      changed.map(({ facts }) => facts.spanId),
      changed.map(({ facts }) => facts.writtenAt),
      ...shareSpecs.map((_, n) => changed.map(({ values }) => values[n] ?? null)),
    ]
    const params = Object.fromEntries([...touched, ...arrays].map((value, n) => [`p${n}`, value]))
    await this.#pool.command(storeShares, { during: `write the shares of ${changed.length} spans`, params })
  }
}

/** The spans whose stored shares are not those that count. */
function changedShares(rows: readonly unknown[][]): Changed[] {
  const byTrace = new Map<string, { facts: SpanFacts; stored: Counted }[]>()
  for (const [traceId, ...values] of rows as [string, ...Value[]][]) {
    const facts = factsOf(values)
    const stored = countedOfValues(facts.own, values, factColumns.length)
    const spans = byTrace.get(traceId)
    if (spans) spans.push({ facts, stored })
    else byTrace.set(traceId, [{ facts, stored }])
  }
  return [...byTrace].flatMap(([traceId, spans]) => {
    const { counted } = countUsage(spans.map(({ facts }) => facts))
    return spans.flatMap(({ facts, stored }): Changed[] => {
      const now = countedIn(counted, facts.spanId, facts.own)
      if (isSameShare(now, stored)) return []
      return [{ traceId, facts, values: countedValues(facts.own, now) ?? [] }]
    })
  })
}
