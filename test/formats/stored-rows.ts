import type { EventRow, SpanRow } from '../../schema/tables.ts'
import type { EventRecord, SpanRecord } from '../../src/rows/records.ts'
import { sorted } from './canonical-otlp.ts'

const stamp = { projectId: 'default', writtenAt: '2026-11-20T10:03:00.123456Z' }

/** Spans as a database gives them back: through JSON, with the members of objects in another order. */
export const storedSpans = (spans: readonly SpanRecord[]) => stored<SpanRow>(spans)

/** Events as a database gives them back. */
export const storedEvents = (events: readonly EventRecord[]) => stored<EventRow>(events)

function stored<Row>(records: readonly object[]): Row[] {
  return sorted(JSON.parse(JSON.stringify(records.map((record) => ({ ...record, ...stamp }))))) as Row[]
}
