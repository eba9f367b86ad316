import type { AnyRecord, SpanRecord, Transform } from '../../src/index.ts'
import type { LogRecord, MetricPointRecord } from '../../src/rows/records.ts'
import type { Equal, Expect } from './equal.ts'

// The table's name tells what the record is. Nothing runs here: it must compile, with these very types.

export const byTable: Transform = (record, table) => {
  if (table === 'spans') {
    type OfSpans = Expect<Equal<typeof record, SpanRecord>>
    return { ...record, costUsd: (record.inputTokens ?? 0) * 0.001 } satisfies SpanRecord as OfSpans extends true
      ? SpanRecord
      : never
  }
  switch (table) {
    case 'logs': {
      type OfLogs = Expect<Equal<typeof record, LogRecord>>
      const isKept: OfLogs = true
      return isKept && record.body === 'noise' ? undefined : record
    }
    case 'metricPoints': {
      type OfPoints = Expect<Equal<typeof record, MetricPointRecord>>
      const isKept: OfPoints = true
      return isKept ? record : undefined
    }
    default:
      return record
  }
}

// @ts-expect-error: a hook is not asynchronous.
export const later: Transform = async (record) => record
// @ts-expect-error: a text is no record.
export const text: Transform = () => 'text'
export const answers: Expect<Equal<ReturnType<Transform>, AnyRecord | undefined>> = true
