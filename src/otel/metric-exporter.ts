import { ConfigError } from '../errors.ts'
import { ContentIds } from '../formats/content-id.ts'
import { lateAttributes } from './in-parts.ts'
import type { ExporterOptions } from './options.ts'
import { readMetrics } from './read-metrics.ts'
import type { ResourceMetrics, ResultCallback } from './sdk.ts'
import { type ExporterStats, StoredExports } from './stored-exports.ts'

/**
 * What a point counts from: always from the start of the process (`cumulative`), or since the point before (`delta`).
 * Up-down counters are always cumulative; `lowmemory` is delta for what the program adds up itself.
 */
export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory'

/** How metrics are stored. */
export type MetricExporterOptions = ExporterOptions & {
  /**
   * What the points count from.
   * @default OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE, else 'cumulative'
   */
  temporality?: TemporalityPreference | undefined
}

/** Instruments that are delta, by preference. */
const deltas: Readonly<Record<TemporalityPreference, readonly string[]>> = {
  cumulative: [],
  delta: ['COUNTER', 'OBSERVABLE_COUNTER', 'HISTOGRAM', 'GAUGE', 'OBSERVABLE_GAUGE'],
  lowmemory: ['COUNTER', 'HISTOGRAM'],
}

/**
 * Exports metrics of the OpenTelemetry JavaScript SDK into a store, as the importer reads what the SDK's OTLP exporter
 * sends. An export is answered when its rows are committed.
 */
export class TraceholdMetricExporter {
  readonly #exports: StoredExports
  readonly #ids = new ContentIds()
  readonly #temporality: TemporalityPreference

  /** @throws ConfigError for a temporality that is none */
  constructor(options: MetricExporterOptions = {}) {
    this.#temporality = temporalityOf(options.temporality)
    this.#exports = new StoredExports('metrics', options)
  }

  /** Stores the points that were collected, and answers when they are committed or lost. */
  export(metrics: ResourceMetrics, resultCallback: ResultCallback): void {
    this.#exports.export(
      pointsOf(metrics),
      async () => {
        await lateAttributes([metrics.resource])
        return readMetrics(metrics, this.#ids)
      },
      resultCallback,
    )
  }

  /** What the SDK makes points of: 0 is delta, 1 cumulative. */
  selectAggregationTemporality(instrumentType: string): 0 | 1 {
    return deltas[this.#temporality].includes(instrumentType) ? 0 : 1
  }

  /** Resolves when every export before it is answered. */
  forceFlush(): Promise<void> {
    return this.#exports.forceFlush()
  }

  /** Ends running exports, refuses further ones, and closes the store if this exporter was the last that opened it. */
  shutdown(): Promise<void> {
    return this.#exports.shutdown()
  }

  /** What became of the points so far. */
  stats(): ExporterStats {
    return this.#exports.stats()
  }
}

function temporalityOf(given: TemporalityPreference | undefined): TemporalityPreference {
  const words = Object.keys(deltas)
  if (given !== undefined) {
    if (words.includes(given)) return given
    throw new ConfigError(`temporality must be one of ${words.join(', ')}.`)
  }
  // The SDK's own exporter says that a wrong word is not used, and goes on: so must a service.
  const named = process.env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE?.trim().toLowerCase()
  return words.includes(named ?? '') ? (named as TemporalityPreference) : 'cumulative'
}

const pointsOf = ({ scopeMetrics }: ResourceMetrics): number =>
  scopeMetrics.reduce(
    (sum, { metrics }) => metrics.reduce((points, { dataPoints }) => points + dataPoints.length, sum),
    0,
  )
