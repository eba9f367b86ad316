import type { FlushOptions } from '../engines/deadline.ts'
import type { Pool } from '../engines/pool.ts'
import { type LazyProperties, lazyProperties } from '../lazy-properties.ts'
import { allOf } from './losses.ts'
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

/** The writers of one project. Each is made when it is first used. */
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

/** The writers of one project, and what is done with all of them. */
export interface WriterSet {
  readonly writers: Writers
  /** Stores what all of them hold. */
  flush(options?: FlushOptions): Promise<void>
  /** Closes them, also those that are made later. */
  close(options?: FlushOptions): Promise<void>
}

/** One writer for each kind of record. */
export function createWriters(pool: Pool, options: ScopedWriterOptions): WriterSet {
  let isClosed = false
  const open = <W extends { close(): Promise<void> }>(writer: W): W => {
    if (isClosed) void writer.close()
    return writer
  }
  const lazy: LazyProperties<Writers> = lazyProperties<Writers>({
    traces: () => {
      const membersOfTraces = () =>
        [lazy.made.spans, lazy.made.events, lazy.made.runs, lazy.made.results, lazy.made.logs].filter(
          (member) => member !== undefined,
        )
      return open(new TraceWriter(pool, options, membersOfTraces))
    },
    spans: () => open(new SpanWriter(pool, options)),
    events: () => open(new EventWriter(pool, options)),
    results: () => open(new ResultWriter(pool, options)),
    metrics: () => open(new MetricWriter(pool, options)),
    metricPoints: () => open(new MetricPointWriter(pool, options)),
    logs: () => open(new LogWriter(pool, options)),
    runs: () => open(new RunWriter(pool, options)),
  })
  return {
    writers: lazy.all,
    flush: (flushOptions) => allOf(Object.values(lazy.made).map((writer) => writer.flush(flushOptions))),
    close: (closeOptions) => {
      isClosed = true
      return allOf(Object.values(lazy.made).map((writer) => writer.close(closeOptions)))
    },
  }
}
