import type { ReadResult } from '../formats/read-result.ts'
import type { LogRecord, MetricPointRecord, NewMetric, ResultRecord } from '../rows/records.ts'
import { shortId } from '../text/short-id.ts'
import type { Writers } from '../writers/create-writers.ts'
import { NumberedRecords, type RefusedRecord } from './numbered-records.ts'
import type { ImportRejection } from './rejection.ts'

/** The outcome of standalone records. */
export interface StandaloneOutcome {
  readonly results: number
  /** Names of the described metrics. */
  readonly metricNames: readonly string[]
  readonly points: number
  readonly logs: number
  readonly rejections: readonly ImportRejection[]
}

/** Records that change no trace: results, metrics, points and logs. */
export class StandaloneRecords {
  readonly #results = new NumberedRecords<ResultRecord>()
  readonly #metrics = new NumberedRecords<NewMetric>()
  readonly #points = new NumberedRecords<MetricPointRecord>()
  readonly #logs = new NumberedRecords<LogRecord>()

  get size(): number {
    return this.#results.size + this.#metrics.size + this.#points.size + this.#logs.size
  }

  add({ results, metrics, metricPoints, logs }: ReadResult, line: number): void {
    this.#results.add(results, line)
    this.#metrics.add(metrics, line)
    this.#points.add(metricPoints, line)
    this.#logs.add(logs, line)
  }

  /**
   * Stores every record that can be stored.
   *
   * @throws StorageError when the database is unreachable
   */
  async write(writers: Writers): Promise<StandaloneOutcome> {
    const [results, metrics, points, logs] = await Promise.all([
      this.#results.write(writers.results),
      this.#metrics.write(writers.metrics),
      this.#points.write(writers.metricPoints),
      this.#logs.write(writers.logs),
    ])
    return {
      results: this.#results.size,
      metricNames: this.#metrics.records.map(({ name }) => name),
      points: this.#points.size,
      logs: this.#logs.size,
      rejections: [
        ...results.map((refused) => rejection(`result ${shortId(refused.record.resultId ?? '')}`, refused)),
        ...metrics.map((refused) => rejection(`metric ${shortId(refused.record.name)}`, refused)),
        ...points.map((refused) => rejection(`point of ${shortId(refused.record.metricName)}`, refused)),
        ...logs.map((refused) => rejection('log record', refused)),
      ],
    }
  }
}

const rejection = (what: string, { line, message }: RefusedRecord<object>): ImportRejection => ({
  line,
  message: `${what}: ${message}`,
})
