import type { ClickHouseClient } from '@clickhouse/client'
import { microsFromIso } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { type Fault, ValidationError } from '../errors.ts'
import type { Instant } from '../rows/records.ts'
import { defaultRecordTable, memberPath } from './columns.ts'
import { tableName } from './options.ts'

/** The time that a question is about: records that started from `since` on, and before `until`. */
export interface RecordRange {
  /** @default the first record */
  since?: Instant | undefined
  /** @default now and later */
  until?: Instant | undefined
}

/** What the model calls of one team cost. */
export interface TeamSpend {
  /** Null for calls whose metadata name none. */
  readonly team: string | null
  readonly calls: number
  readonly costUsd: number
}

/** How long the calls of one model took. */
export interface ModelLatency {
  readonly model: string | null
  readonly calls: number
  /** The percentile that was asked for, in milliseconds, from a sample where there are many calls. */
  readonly durationMs: number | null
}

/** What the model calls of one workflow used. */
export interface WorkflowTokens {
  /** Null for calls whose metadata name none. */
  readonly workflow: string | null
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
}

/**
 * The questions that the record table is made for.
 *
 * @example
 * const client = createClient({ url: 'http://ch.example:8123' })
 * const records = new RecordAnalytics(client, { table: 'agents.records' })
 * const spend = await records.spendByTeam({ since: new Date('2026-11-01') })
 */
export class RecordAnalytics {
  readonly #client: Pick<ClickHouseClient, 'query'>
  readonly #table: string

  /**
   * @param client of `@clickhouse/client`; the caller closes it
   * @throws ValidationError for a table that is not NAME or DATABASE.NAME
   */
  constructor(client: Pick<ClickHouseClient, 'query'>, { table = defaultRecordTable }: { table?: string } = {}) {
    if (!tableName.test(table)) throw invalid('table', 'must be NAME or DATABASE.NAME')
    this.#client = client
    this.#table = table
  }

  /**
   * Cost by team, the highest first.
   *
   * @param key the member of the metadata that names the team; a dot leads into an object. @default 'team'
   * @throws ValidationError for a key or a time that is none; StorageError when the server does not answer
   */
  spendByTeam({ key = 'team', ...range }: RecordRange & { key?: string } = {}): Promise<TeamSpend[]> {
    return this.#ask<TeamSpend>(
      `${metadataMember(key)} AS team, toFloat64(count()) AS calls, ifNull(sum(cost_usd), 0) AS costUsd`,
      range,
      'GROUP BY team ORDER BY costUsd DESC, team',
    )
  }

  /**
   * A percentile of the duration by model, the slowest first.
   *
   * @param percentile above 0 and below 1. @default 0.99
   * @throws ValidationError for a percentile or a time that is none; StorageError when the server does not answer
   */
  latencyByModel({ percentile = 0.99, ...range }: RecordRange & { percentile?: number } = {}): Promise<ModelLatency[]> {
    if (!(percentile > 0 && percentile < 1)) throw invalid('percentile', 'must be above 0 and below 1')
    return this.#ask<ModelLatency>(
      `model, toFloat64(count()) AS calls, quantileOrNull(${percentile})(duration_ms) AS durationMs`,
      range,
      'GROUP BY model ORDER BY durationMs DESC NULLS LAST, model',
    )
  }

  /**
   * Tokens by workflow, the most first.
   *
   * @param key the member of the metadata that names the workflow; a dot leads into an object. @default 'workflow'
   * @throws ValidationError for a key or a time that is none; StorageError when the server does not answer
   */
  tokensByWorkflow({ key = 'workflow', ...range }: RecordRange & { key?: string } = {}): Promise<WorkflowTokens[]> {
    const sum = (column: string, name: string) => `toFloat64(ifNull(sum(${column}), 0)) AS ${name}`
    return this.#ask<WorkflowTokens>(
      `${metadataMember(key)} AS workflow, toFloat64(count()) AS calls, ${sum('input_tokens', 'inputTokens')}, ` +
        `${sum('output_tokens', 'outputTokens')}, ${sum('total_tokens', 'totalTokens')}`,
      range,
      'GROUP BY workflow ORDER BY totalTokens DESC, workflow',
    )
  }

  /** Asks about model calls. */
  async #ask<T>(select: string, { since, until }: RecordRange, grouping: string): Promise<T[]> {
    // A bound that nobody asked for would cost the reading of a column.
    const bounds = [
      { field: 'since', operator: '>=', micros: micros('since', since) },
      { field: 'until', operator: '<', micros: micros('until', until) },
    ].filter((bound) => bound.micros !== undefined)
    const where = bounds.map(
      ({ field, operator }) => ` AND start_time ${operator} fromUnixTimestamp64Micro({${field}:Int64})`,
    )
    const query = `SELECT ${select} FROM ${this.#table} WHERE kind = 'llm'${where.join('')} ${grouping}`
    const query_params = Object.fromEntries(bounds.map((bound) => [bound.field, bound.micros]))
    try {
      const result = await this.#client.query({ query, query_params, format: 'JSONEachRow' })
      return await result.json<T>()
    } catch (error) {
      throw storageError(error, `query ${this.#table}`)
    }
  }
}

/** A member of any type, as text: the JSON type does not group by one whose type is not told. */
function metadataMember(key: string): string {
  if (!memberPath.test(key)) throw invalid('key', 'must be names with dots between them')
  const path = key.split('.').map((name) => `\`${name}\``)
  return `metadata.${path.join('.')}::Nullable(String)`
}

/** As text: chdb takes no large number as a parameter. */
function micros(field: string, instant: Instant | undefined): string | undefined {
  if (instant === undefined) return undefined
  const value = microsFromIso(typeof instant === 'string' ? instant : instant.toISOString())
  if (Number.isNaN(value)) throw invalid(field, 'is no time in UTC')
  return String(value)
}

const invalid = (field: string, message: string): ValidationError => {
  const fault: Fault = { field, message }
  return new ValidationError('Invalid question', [fault])
}
