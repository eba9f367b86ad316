import type { EventRow } from '../../../schema/tables.ts'
import type { CombinedFilter, FieldFilter, Fields, TimeFilter } from '../filters/match.ts'
import type { Entity } from './entity.ts'

/** The columns that events of spans are filtered by. */
export const eventFields = {
  traceId: 'text',
  spanId: 'text',
  name: 'text',
  time: 'instant',
  attributes: 'json',
} as const satisfies Fields

/** Which events of spans. Every condition must hold; what is left out does not filter. */
export interface EventFilter
  extends FieldFilter<typeof eventFields, EventRow>,
    TimeFilter,
    CombinedFilter<EventFilter> {}

/** Events of spans as they are filtered. */
export const eventEntity = {
  time: 'time',
  fields: eventFields,
  keys: ['traceId', 'spanId', 'ordinal'],
  orders: { time: 'time' },
} as const satisfies Entity
