import type { SpanFacts } from '../fold/span-facts.ts'
import { stateOfText, textOfState } from '../fold/stored-form.ts'
import { type Authored, followingColumns } from '../fold/trace-row.ts'
import type { TraceState } from '../fold/trace-state.ts'
import { type AcceptedRow, columnSpecs, type Value } from '../rows/accepted-row.ts'
import type { StoredTrace } from './fold-trace.ts'

/** The columns of a trace that follow from its spans and its author: those that the sinks bring up to date. */
const keptKeys: ReadonlySet<string> = new Set(['projectId', 'traceId', 'writtenAt'])

/** A trace's row as the sinks write it, and what they add to it. */
export interface MadeTrace {
  readonly row: AcceptedRow
  readonly counted: readonly Value[]
}

/** The row of a trace; what its author owns is left out, for it stays as it is stored. */
export function madeTrace(
  projectId: string,
  traceId: string,
  state: TraceState | undefined,
  authored?: Authored,
  writtenAt = 0,
): MadeTrace {
  const columns: Readonly<Record<string, Value>> = followingColumns(state, authored, writtenAt)
  const kept: Readonly<Record<string, Value>> = { projectId, traceId, writtenAt }
  const values = columnSpecs.traces.map(({ key }) => (keptKeys.has(key) ? kept[key] : columns[key]) ?? null)
  return { row: { values, bytes: bytesOf(values) }, counted: [state ? textOfState(state) : null] }
}

const bytesOf = (values: readonly Value[]): number =>
  values.reduce<number>((bytes, value) => bytes + (typeof value === 'string' ? value.length : 0), 0)

/** Names of the columns that follow, in SQL. */
export const followingNames: readonly string[] = [
  ...columnSpecs.traces.filter(({ key }) => key in followingColumns(undefined, undefined)).map(({ name }) => name),
  'derived',
]

/** A trace from the texts that are stored beside its row. */
export function storedTrace(
  derived: string | null,
  authored: string | null,
  writtenAt: number,
  spanCount: number,
): StoredTrace {
  return {
    state: stateOfText(derived),
    spanCount,
    writtenAt,
    authored: authored === null ? undefined : { fields: JSON.parse(authored) as Authored['fields'], writtenAt },
  }
}

/** Spans of a batch by their trace, in the order of the traces. */
export function byTrace<Row extends { readonly leadingKey: string }>(
  traceIds: readonly string[],
  rows: readonly Row[],
): Map<string, Row[]> {
  const found = new Map<string, Row[]>(traceIds.map((traceId) => [traceId, []]))
  for (const row of rows) found.get(row.leadingKey)?.push(row)
  return found
}

export const lowestStamp = (facts: readonly SpanFacts[]): number =>
  facts.reduce((lowest, { writtenAt }) => Math.min(lowest, writtenAt), Number.POSITIVE_INFINITY)
