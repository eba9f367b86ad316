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

/** Facts from the values of `factColumns`, as rows hold them: instants in microseconds, numbers as numbers. */
export function factsOf(values: readonly Value[]): SpanFacts {
  const [spanId, parentId, kind, status, statusMessage, name, start, end, durationMs, writtenAt] = values
  return {
    spanId: spanId as string,
    parentId: (parentId as string | null | undefined) ?? null,
    kind: kind as SpanKind,
    status: status as Status,
    statusMessage: (statusMessage as string | null | undefined) ?? null,
    name: name as string,
    start: start as number,
    end: (end as number | null | undefined) ?? null,
    micros: wholeMicros((durationMs as number | null | undefined) ?? null),
    writtenAt: writtenAt as number,
    groups: values.slice(firstGroup, firstMeasure) as (string | null)[],
    own: usageOf(values, kind === 'llm'),
  }
}

const wholeMicros = (durationMs: number | null): number =>
  durationMs === null ? 0 : Math.floor(durationMs * 1000 + 0.5)

function usageOf(values: readonly Value[], isCall: boolean): Usage {
  const own: (number | null)[] = []
  let isQuiet = true
  for (let n = 0; n < tokenMeasures; n += 1) {
    const tokens = (values[firstMeasure + n] as number | null | undefined) ?? null
    own.push(tokens)
    if (tokens !== null) isQuiet = false
  }
  const costUsd = (values[firstMeasure + tokenMeasures] as number | null | undefined) ?? null
  // Most spans report nothing: they share one object.
  if (isQuiet && costUsd === null) return isCall ? callWithoutUsage : noUsage
  own.push(costUsd === null ? null : Math.floor(costUsd * 1_000_000_000 + 0.5), isCall ? 1 : null)
  return own
}

const indexes = factColumns.map((key) => columnIndex('spans', key))

/** The facts of an accepted span. */
export const factsOfRow = (row: readonly Value[]): SpanFacts => factsOf(indexes.map((index) => row[index] ?? null))
