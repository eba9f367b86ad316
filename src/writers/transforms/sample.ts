import { LRUCache } from 'lru-cache'
import { ConfigError } from '../../errors.ts'
import type { AnyRecord, Transform } from './transform.ts'

/** Which traces are stored. */
export interface SampleOptions {
  /** The share of the traces that is stored, from 0 to 1. */
  ratio: number
  /**
   * Store records of errors also of other traces: spans, log records and results that failed, and whatever of their
   * traces comes later in this process. What came before is not stored, so that such a trace has a part of its spans.
   * @default false
   */
  keepErrors?: boolean | undefined
}

/** Traces whose error is remembered. */
const mostRemembered = 10_000

/**
 * Stores a part of the traces: by a hash of the trace's id, the same in every process, for its spans, events, log
 * records and results. What belongs to no trace is stored, and so are metrics. Sums are those of what is stored.
 *
 * @throws ConfigError for a ratio that is none
 */
export function sample({ ratio, keepErrors = false }: SampleOptions): Transform {
  if (!(ratio >= 0 && ratio <= 1)) throw new ConfigError('sample: ratio must be a number from 0 to 1.')
  const failed = new LRUCache<string, true>({ max: mostRemembered })
  return (record, table) => {
    const traceId = 'traceId' in record ? record.traceId : undefined
    if (table === 'metrics' || table === 'metricPoints' || typeof traceId !== 'string' || traceId === '') return record
    if (shareOf(traceId) < ratio) return record
    if (!keepErrors) return undefined
    if (isError(record)) failed.set(traceId, true)
    return failed.has(traceId) ? record : undefined
  }
}

const failures: ReadonlySet<unknown> = new Set(['error', 'failed', 'timeout'])
/** The least severity of an error, by OpenTelemetry. */
const errorSeverity = 17

function isError(record: AnyRecord): boolean {
  if ('severity' in record && typeof record.severity === 'number' && record.severity >= errorSeverity) return true
  return 'status' in record && failures.has(record.status)
}

/** A number from 0 to 1, not 1 itself, from an id: FNV-1a, mixed so that ids that differ in one digit are far apart. */
function shareOf(traceId: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < traceId.length; i += 1) hash = Math.imul(hash ^ traceId.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
