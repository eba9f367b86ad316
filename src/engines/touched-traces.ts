import type { Entity } from '../rows/accepted-row.ts'
import { inLockOrder } from './lock-order.ts'
import type { Batch, PreparedRow } from './sink.ts'

/** Whether trace rows follow from an entity, so that storing it locks and recomputes them. */
export const decidesTraces = (entity: Entity): boolean => entity === 'spans' || entity === 'traces'

/** The distinct traces that a batch changes, in the order in which every writer locks them. */
export const touchedTraces = ({ entity, rows }: Batch<PreparedRow>): string[] =>
  decidesTraces(entity) ? inLockOrder(rows.map(({ leadingKey }) => leadingKey)) : []
