import { defineEvents } from './events.ts'
import type { Kit } from './kit/postgres.ts'
import { defineSpans } from './spans.ts'
import { defineTraces } from './traces.ts'

/** Every table, written once; an engine's entry file applies its kit. */
export const defineTables = (k: Kit) => ({ traces: defineTraces(k), spans: defineSpans(k), events: defineEvents(k) })

/** The tables as repositories see them on every engine. */
export type Tables = ReturnType<typeof defineTables>

/** A stored trace, as read. */
export type TraceRow = Tables['traces']['$inferSelect']
/** A stored span, as read. */
export type SpanRow = Tables['spans']['$inferSelect']
/** A stored event of a span, as read. */
export type EventRow = Tables['events']['$inferSelect']
