import type { Pool } from '../engines/pool.ts'
import { RunWriter } from './run-writer.ts'
import {
  EventWriter,
  LogWriter,
  MetricPointWriter,
  MetricWriter,
  ResultWriter,
  type ScopedWriterOptions,
  SpanWriter,
  TraceWriter,
} from './writers.ts'

/** The writers of one project. */
export interface Writers {
  readonly traces: TraceWriter
  readonly spans: SpanWriter
  readonly events: EventWriter
  readonly results: ResultWriter
  /** Descriptions of metrics. */
  readonly metrics: MetricWriter
  readonly metricPoints: MetricPointWriter
  readonly logs: LogWriter
  /** Whole runs: a trace with all of its spans. */
  readonly runs: RunWriter
}

/** One writer for each kind of record. */
export function createWriters(pool: Pool, options: ScopedWriterOptions): Writers {
  const ofTraces = {
    spans: new SpanWriter(pool, options),
    events: new EventWriter(pool, options),
    runs: new RunWriter(pool, options),
  }
  return {
    traces: new TraceWriter(pool, options, Object.values(ofTraces)),
    ...ofTraces,
    results: new ResultWriter(pool, options),
    metrics: new MetricWriter(pool, options),
    metricPoints: new MetricPointWriter(pool, options),
    logs: new LogWriter(pool, options),
  }
}
