import type { SpanFacts } from '../fold/span-facts.ts'
import { stateOfText, textOfState } from '../fold/stored-form.ts'
import { followingColumns } from '../fold/trace-row.ts'
import type { TraceState } from '../fold/trace-state.ts'
import { type AcceptedRow, columnSpecs, type Value } from '../rows/accepted-row.ts'
import { type Authored, authoredOfTexts, type ContentKey } from '../rows/authored.ts'
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

/** What a batch says of one trace. */
export interface SaidTrace {
  /** All that the author says, with what was said before. */
  readonly authored: Authored
  /** The content that the batch brings. Other content stays as it is stored. */
  readonly content: Partial<Record<ContentKey, Value>>
}

/** The row of a trace with what its author says. */
export function madeAuthoredTrace(
  projectId: string,
  traceId: string,
  state: TraceState | undefined,
  { authored, content }: SaidTrace,
): MadeTrace {
  const { row, counted } = madeTrace(projectId, traceId, state, authored, authored.writtenAt)
  const { fields, stamps } = authored
  const said: Readonly<Record<string, Value>> = {
    ...content,
    authored: JSON.stringify(fields),
    authoredStamps: stamps ? JSON.stringify(stamps) : null,
  }
  const values = columnSpecs.traces.map(({ key }, index) => said[key] ?? row.values[index] ?? null)
  return { row: { values, bytes: bytesOf(values) }, counted }
}

/** Names of the columns that follow, in SQL. */
export const followingNames: readonly string[] = [
  ...columnSpecs.traces.filter(({ key }) => key in followingColumns(undefined, undefined)).map(({ name }) => name),
  'derived',
]

/** What is read of a trace that is stored: the texts beside its row, and when its author wrote last. */
export type StoredTexts = readonly [
  derived: string | null,
  authored: string | null,
  stamps: string | null,
  writtenAt: number,
  spanCount: number,
]

/** A trace from what is read of it. */
export const storedTrace = ([derived, authored, stamps, writtenAt, spanCount]: StoredTexts): StoredTrace => ({
  state: stateOfText(derived),
  spanCount,
  writtenAt,
  authored: authoredOfTexts(authored, stamps, writtenAt),
})

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
