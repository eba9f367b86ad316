import type { Signal } from '../formats/otlp/protobuf/decode.ts'
import type { ReadResult, Rejection } from '../formats/read-result.ts'
import type { RejectedRecord } from '../ingest/ingest.ts'

/** What was left out of a request. */
export interface LeftOut {
  /** Spans, log records or points, and parts that held some. */
  readonly rejected: number
  /** Why, without content; empty where everything was stored. */
  readonly message: string
}

/** The table of what a signal is counted in. */
export const tableOf = { traces: 'spans', logs: 'logs', metrics: 'metricPoints' } as const satisfies Record<
  Signal,
  keyof ReadResult
>

/** Reasons that a message lists. */
const mostListed = 5

/** Says what neither the reader nor the store took. */
export function leftOutOf(signal: Signal, unread: readonly Rejection[], refused: readonly RejectedRecord[]): LeftOut {
  const ofTable = refused.filter(({ table }) => table === tableOf[signal])
  const reasons = [
    ...unread.slice(0, mostListed).map(({ path, reason }) => `${path} ${reason}`.trim()),
    ...refused.slice(0, mostListed).map(({ table, index, message }) => `${table}[${index}] ${message}`),
  ]
  const more = unread.length + refused.length - mostListed
  const listed = reasons.slice(0, mostListed).join('; ')
  return { rejected: unread.length + ofTable.length, message: more > 0 ? `${listed}; and ${more} more` : listed }
}
