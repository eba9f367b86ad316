import { createSink } from '../engines/notifying-sink.ts'
import type { Pool } from '../engines/pool.ts'
import type { RunSink } from '../engines/sink.ts'
import { checkedProjectName } from '../rows/project-name.ts'
import type {
  EventRecord,
  LogRecord,
  MetricPointRecord,
  NewMetric,
  ResultRecord,
  SpanRecord,
  TraceRecord,
} from '../rows/records.ts'
import { safeText } from '../text/safe-json.ts'
import { BatchWriter } from './batch-writer.ts'
import { withBodyText } from './log-rows.ts'
import type { WriterOptions } from './options.ts'
import { checkedPoint } from './point-rows.ts'
import { completeSpan, spanDefaults } from './span-rows.ts'
import { traceDefaults, withSaidFields } from './trace-rows.ts'

/** Options of a writer that is built on its own. */
export interface ScopedWriterOptions extends WriterOptions {
  /** The tenant that every row belongs to. @default 'default' */
  projectId?: string | undefined
  /** Kept in memory while rows wait: the store that must find them when it closes. @default none */
  owner?: object | undefined
}

type Flushed = { flush(): Promise<void> }

const scope = (pool: Pool, { projectId = 'default', method }: ScopedWriterOptions) => ({
  projectId: checkedProjectName(projectId),
  makeSink: () => createSink(pool, { method }),
})

/**
 * Saves traces themselves: what their author knows beyond the spans (tags, metadata, totals the source reported), or
 * runs that have no spans at all. Each call says the fields that it names: others stay as they were said before, and
 * null takes back what was said. Of each field the later call counts, in whichever order they arrive.
 */
export class TraceWriter extends BatchWriter<TraceRecord> {
  readonly #projectId: string
  readonly #sink: RunSink
  readonly #members: () => readonly Flushed[]

  /** @param members lists the writers of what belongs to traces and is deleted with them */
  constructor(pool: Pool, options: ScopedWriterOptions = {}, members: () => readonly Flushed[] = () => []) {
    const { projectId, makeSink } = scope(pool, options)
    super({ entity: 'traces', projectId, makeSink, defaults: traceDefaults, finish: withSaidFields }, options)
    this.#projectId = projectId
    this.#sink = makeSink()
    this.#members = members
  }

  /**
   * Deletes traces with all that belongs to them (spans, events, results, logs), and returns how many traces existed.
   * First it stores what this writer and, in a store, the project's writers of these have accepted. Later spans create a
   * trace anew.
   *
   * @throws StorageError when nothing was deleted: the database is unreachable, also for rows that were queued before
   */
  async delete(traceIds: string | Iterable<string>): Promise<number> {
    await Promise.all([this.flush(), ...this.#members().map((member) => member.flush())])
    const ids = [...new Set(typeof traceIds === 'string' ? [traceIds] : traceIds)].map((id) => safeText(id)).sort()
    return ids.length === 0 ? 0 : (await this.#sink.deleteTraces(this.#projectId, ids)).traces
  }
}

/** Writes spans. Their traces are created and updated with them. */
export class SpanWriter extends BatchWriter<SpanRecord> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    super({ entity: 'spans', ...scope(pool, options), defaults: spanDefaults, finish: completeSpan }, options)
  }
}

/** Writes events of spans, before or after the spans themselves. */
export class EventWriter extends BatchWriter<EventRecord> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    super({ entity: 'events', ...scope(pool, options), defaults: () => ({ attributes: {} }) }, options)
  }
}

/** Writes results of tests and evaluations. */
export class ResultWriter extends BatchWriter<ResultRecord> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    const defaults = (stamp: unknown) => ({ kind: 'test', time: stamp })
    super({ entity: 'results', ...scope(pool, options), defaults }, options)
  }
}

/** Writes descriptions of metrics. Their points may be written before. */
export class MetricWriter extends BatchWriter<NewMetric> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    super(
      { entity: 'metrics', ...scope(pool, options), defaults: () => ({ type: 'gauge', descriptionId: '' }) },
      options,
    )
  }
}

/** Writes points of metrics, whether the metrics are described or not. */
export class MetricPointWriter extends BatchWriter<MetricPointRecord> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    const defaults = (stamp: unknown) => ({ type: 'gauge', time: stamp, attributes: {} })
    super({ entity: 'metricPoints', ...scope(pool, options), defaults, finish: checkedPoint }, options)
  }
}

/** Writes log records. */
export class LogWriter extends BatchWriter<LogRecord> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    const defaults = (stamp: unknown) => ({ time: stamp, attributes: {} })
    super({ entity: 'logs', ...scope(pool, options), defaults, finish: withBodyText }, options)
  }
}
