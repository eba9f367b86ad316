import type { SpanKind, Status } from '../../schema/values.ts'
import { columnIndex, type Value } from '../rows/accepted-row.ts'
import { measures, noUsage, type Usage } from './usage.ts'

/** Columns that a trace takes from its root span; where the root has none, from the first among its spans by bytes. */
export const groupColumns = [
  'sessionId',
  'userId',
  'serviceName',
  'agentName',
  'agentVersion',
  'environment',
  'provider',
  'model',
] as const

/** What the row of a trace and the usage in it follow from: the part of a span that is read again. */
export interface SpanFacts {
  readonly spanId: string
  readonly parentId: string | null
  readonly kind: SpanKind
  readonly status: Status
  readonly statusMessage: string | null
  readonly name: string
  /** Microseconds since 1970. */
  readonly start: number
  readonly end: number | null
  /** The duration in whole microseconds, 0 where it is not known. */
  readonly micros: number
  readonly writtenAt: number
  /** The values of `groupColumns`, in their order. */
  readonly groups: readonly (string | null)[]
  readonly own: Usage
}

/** The columns that facts are read from, in the order that `factsOf` takes their values. */
export const factColumns = [
  'spanId',
  'parentSpanId',
  'kind',
  'status',
  'statusMessage',
  'name',
  'startTime',
  'endTime',
  'durationMs',
  'writtenAt',
  ...groupColumns,
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheCreationTokens',
  'reasoningTokens',
  'costUsd',
] as const

const firstGroup = factColumns.indexOf('sessionId')
const firstMeasure = factColumns.indexOf('inputTokens')
const tokenMeasures = measures.length - 2
const callWithoutUsage: Usage = measures.map((measure) => (measure === 'calls' ? 1 : null))

/** Where the values of facts are in a row. */
interface FactIndexes {
  readonly of: readonly number[]
  readonly groups: readonly number[]
  readonly measures: readonly number[]
}

const indexesAt = (of: readonly number[]): FactIndexes => ({
  of,
  groups: of.slice(firstGroup, firstMeasure),
  measures: of.slice(firstMeasure),
})
const inOrder = indexesAt(factColumns.map((_, index) => index))
const inRows = indexesAt(factColumns.map((key) => columnIndex('spans', key)))

/** Facts from the values of `factColumns`, as rows hold them: instants in microseconds, numbers as numbers. */
export const factsOf = (values: readonly Value[]): SpanFacts => factsAt(values, inOrder)

/** The facts of an accepted span. */
export const factsOfRow = (row: readonly Value[]): SpanFacts => factsAt(row, inRows)

function factsAt(values: readonly Value[], { of, groups, measures }: FactIndexes): SpanFacts {
  const at = (place: number): Value => values[of[place] as number] ?? null
  const kind = at(2) as SpanKind
  return {
    spanId: at(0) as string,
    parentId: at(1) as string | null,
    kind,
    status: at(3) as Status,
    statusMessage: at(4) as string | null,
    name: at(5) as string,
    start: at(6) as number,
    end: at(7) as number | null,
    micros: wholeMicros(at(8) as number | null),
    writtenAt: at(9) as number,
    groups: groupsAt(values, groups),
    own: usageAt(values, measures, kind === 'llm'),
  }
}

let lastGroups: readonly (string | null)[] = groupColumns.map(() => null)

/** The values of groups. Spans that come one after the other often have the same: they share one list. */
function groupsAt(values: readonly Value[], indexes: readonly number[]): readonly (string | null)[] {
  let n = 0
  while (n < indexes.length && (values[indexes[n] as number] ?? null) === lastGroups[n]) n += 1
  if (n < indexes.length) lastGroups = indexes.map((index) => (values[index] as string | null | undefined) ?? null)
  return lastGroups
}

const wholeMicros = (durationMs: number | null): number =>
  durationMs === null ? 0 : Math.floor(durationMs * 1000 + 0.5)

function usageAt(values: readonly Value[], indexes: readonly number[], isCall: boolean): Usage {
  let isQuiet = true
  for (const index of indexes) if ((values[index] ?? null) !== null) isQuiet = false
  // Most spans report nothing: they share one object.
  if (isQuiet) return isCall ? callWithoutUsage : noUsage
  const own: (number | null)[] = []
  for (let n = 0; n < tokenMeasures; n += 1)
    own.push((values[indexes[n] as number] as number | null | undefined) ?? null)
  const costUsd = (values[indexes[tokenMeasures] as number] as number | null | undefined) ?? null
  own.push(costUsd === null ? null : Math.floor(costUsd * 1_000_000_000 + 0.5), isCall ? 1 : null)
  return own
}
