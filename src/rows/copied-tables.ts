import type { Entity } from './accepted-row.ts'

/** The tables that are copied, in this order. */
export const copiedTables = [
  'traces',
  'spans',
  'events',
  'results',
  'metrics',
  'metricPoints',
  'logs',
] as const satisfies readonly Entity[]
