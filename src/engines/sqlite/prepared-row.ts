import { factsOfRow, type SpanFacts } from '../../fold/span-facts.ts'
import type { AcceptedRow, Entity } from '../../rows/accepted-row.ts'
import { type PreparedValues, prepareValues } from '../sink.ts'

/** What the facts of a span cost in memory. */
const factsBytes = 480

/** A row that waits as it was accepted, and of spans what the row of their trace follows from. */
export interface PreparedRowValues extends PreparedValues {
  readonly facts: SpanFacts | undefined
}

export function prepareRow(entity: Entity, row: AcceptedRow): PreparedRowValues {
  const prepared = prepareValues(entity, row)
  if (entity !== 'spans') return { ...prepared, facts: undefined }
  return { ...prepared, bytes: prepared.bytes + factsBytes, facts: factsOfRow(row.values) }
}
