import type { Entity } from '../rows/accepted-row.ts'

/** Tables whose rows are deleted one by one. Traces, spans and their events go as whole traces. */
export type LooseEntity = Exclude<Entity, 'traces' | 'spans' | 'events'>

/** What goes with a trace, by its table. */
export const membersOfTraces = ['events', 'spans', 'results', 'logs'] as const

/** How many rows were deleted with some traces, by their tables. */
export type DeletedTraces = Readonly<Record<'traces' | (typeof membersOfTraces)[number], number>>

/** No trace, and nothing that belongs to one. */
export const noTraces: DeletedTraces = { traces: 0, spans: 0, events: 0, results: 0, logs: 0 }

/** The sum of two such counts. */
export const addDeleted = (one: DeletedTraces, other: DeletedTraces): DeletedTraces => ({
  traces: one.traces + other.traces,
  spans: one.spans + other.spans,
  events: one.events + other.events,
  results: one.results + other.results,
  logs: one.logs + other.logs,
})
