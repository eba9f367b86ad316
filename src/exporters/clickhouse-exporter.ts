import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { BatchError, PoolError, type RejectedRow, StorageError, ValidationError } from '../errors.ts'
import type { Span } from '../repositories/span-rows.ts'
import type { NewSpan } from '../rows/records.ts'
import type { ClickHouseRecordClient, InsertCall } from './clickhouse-client.ts'
import { COLUMNS, COLUMNS_WITH_SPAN, createRecordTable } from './columns.ts'
import { clickHouseConnector } from './connect-clickhouse.ts'
import { exportError } from './export-error.ts'
import type { ExportResult, RecordExporter } from './exporter.ts'
import { type ClickHouseExporterOptions, type ExporterSettings, exporterSettings } from './options.ts'
import type { AgentRecord } from './record.ts'
import { recordFromSpan } from './record-from-span.ts'
import { type RecordRow, recordRow } from './record-row.ts'
import { tabSeparated } from './tab-separated.ts'

const notRecords = { field: 'records', message: 'must be an array of records or spans' }

/** Inserts of failed exports that are remembered, so that they are left out when the batch comes again. */
const rememberedInserts = 1_000

/** The rows of a batch, and the records that make none. */
interface ReadRecords {
  readonly rows: readonly RecordRow[]
  readonly rejected: readonly RejectedRow[]
}

/**
 * Writes records of finished work to one wide ClickHouse table, a row for each.
 *
 * An export splits its batch into inserts of `batchSize` rows and stops at the first that fails. A batch that is exported
 * again is stored once: every insert carries a token made of its rows, which the server compares with those of its last
 * inserts, and the inserts of a failed export that did succeed are left out. Of a batch with records that no row can be
 * made of, the others are stored, and it fails.
 *
 * @example
 * const exporter = new ClickHouseExporter({ dsn: 'clickhouse://app@ch.example/agents', createTable: true })
 * const result = await exporter.export(records) // 'SUCCESS' or 'FAILURE', never a throw
 * await exporter.shutdown()
 */
export class ClickHouseExporter implements RecordExporter {
  readonly #settings: ExporterSettings
  readonly #connect: () => Promise<ClickHouseRecordClient>
  readonly #onError: (error: StorageError) => void
  readonly #storedOfFailed = new LRUCache<string, true>({ max: rememberedInserts })
  readonly #underWay = new Set<Promise<ExportResult>>()
  /** Undefined until the first export, but for a client that was handed in. */
  #client: Promise<ClickHouseRecordClient> | undefined
  #tableMade: Promise<unknown> | undefined
  #shutDown: Promise<void> | undefined
  #failedLast = false

  /**
   * Checks the options; it does not connect.
   *
   * @throws ConfigError for an option or a variable that cannot be used, and for a driver that is missing
   */
  constructor(options: ClickHouseExporterOptions = {}) {
    const { client, onError } = options
    this.#settings = exporterSettings(options, process.env)
    this.#client = client && Promise.resolve(client)
    this.#connect = client ? async () => client : clickHouseConnector(this.#settings.dsn ?? '')
    this.#onError = onError ?? ((error) => this.#warn(error))
  }

  /** Stores records, or spans as tracehold keeps them. Never throws; an empty batch calls nobody. */
  async export(records: readonly (AgentRecord | Span | NewSpan)[]): Promise<ExportResult> {
    if (Array.isArray(records) && records.length === 0) return 'SUCCESS'
    const result = this.#export(records)
    this.#underWay.add(result)
    try {
      return await result
    } finally {
      this.#underWay.delete(result)
    }
  }

  /** Waits for exports that are under way, and answers whether they went well; nothing else is kept here. */
  async forceFlush(): Promise<boolean> {
    const results = await Promise.all(this.#underWay)
    return results.every((result) => result === 'SUCCESS')
  }

  /** Waits for exports that are under way, and closes the client. Later exports fail. */
  shutdown(): Promise<void> {
    this.#shutDown ??= this.#close()
    return this.#shutDown
  }

  async #close(): Promise<void> {
    await this.forceFlush()
    try {
      const client = await this.#client
      await client?.close()
    } catch (error) {
      this.#report(exportError(error, 'disconnect from ClickHouse'))
    }
  }

  async #export(records: readonly (AgentRecord | Span | NewSpan)[]): Promise<ExportResult> {
    const { table } = this.#settings
    try {
      if (this.#shutDown) throw new PoolError(`Could not export to ${table}: the exporter is shut down.`)
      if (!Array.isArray(records)) throw new ValidationError('Invalid export', [notRecords])
      const read = this.#read(records)
      const client = await this.#connected()
      await this.#makeTable(client)
      await this.#insertAll(client, read)
      this.#failedLast = false
      return 'SUCCESS'
    } catch (error) {
      this.#report(exportError(error, `store ${Array.isArray(records) ? records.length : 'no'} records in ${table}`))
      return 'FAILURE'
    }
  }

  #read(records: readonly (AgentRecord | Span | NewSpan)[]): ReadRecords {
    const rows: RecordRow[] = []
    const rejected: RejectedRow[] = []
    records.forEach((record, index) => {
      try {
        const ours = 'startUnixNanos' in record ? record : recordFromSpan(record)
        rows.push(recordRow(ours, this.#settings.captureContent))
      } catch (error) {
        // Another error may quote the record.
        const message = error instanceof StorageError ? error.message : 'cannot be read as a record or a span'
        rejected.push({ index, code: 'validation', message })
      }
    })
    return { rows, rejected }
  }

  #connected(): Promise<ClickHouseRecordClient> {
    this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = undefined
      throw error
    })
    return this.#client
  }

  /** Once; again after it failed. */
  async #makeTable(client: ClickHouseRecordClient): Promise<void> {
    const { createTable, table } = this.#settings
    if (!createTable) return
    const statement = createRecordTable(table, this.#settings)
    this.#tableMade ??= Promise.resolve(statement).then((text) => client.command(text))
    try {
      await this.#tableMade
    } catch (error) {
      this.#tableMade = undefined
      throw exportError(error, `make the table ${table}`)
    }
  }

  async #insertAll(client: ClickHouseRecordClient, { rows, rejected }: ReadRecords): Promise<void> {
    const { batchSize } = this.#settings
    const stored: string[] = []
    try {
      for (let from = 0; from < rows.length; from += batchSize) {
        const part = rows.slice(from, from + batchSize)
        // Made of the span's columns as well, also where they are not stored: two calls may be alike in all others.
        const token = createHash('sha256').update(tabSeparated(part)).digest('base64url')
        if (!this.#storedOfFailed.has(token)) await client.insert(this.#call(part, token))
        stored.push(token)
      }
      if (rejected.length > 0) throw new BatchError('records', rows.length, rejected)
    } catch (error) {
      for (const token of stored) this.#storedOfFailed.set(token, true)
      throw error
    }
    for (const token of stored) this.#storedOfFailed.delete(token)
  }

  #call(rows: readonly RecordRow[], token: string): InsertCall {
    const { table, spanColumns, asyncInsert, waitForAsyncInsert } = this.#settings
    return {
      table,
      columnNames: spanColumns ? COLUMNS_WITH_SPAN : COLUMNS,
      rows: spanColumns ? rows : rows.map((row) => row.slice(0, COLUMNS.length)),
      settings: {
        async_insert: asyncInsert ? 1 : 0,
        wait_for_async_insert: waitForAsyncInsert ? 1 : 0,
        insert_deduplication_token: token,
        // What the server gathers it compares only when it is told to.
        ...(asyncInsert && { async_insert_deduplicate: 1 }),
      },
    }
  }

  #report(error: StorageError): void {
    try {
      this.#onError(error)
    } catch {
      // An exporter must never fail the work that it records, also when `onError` throws.
    }
    this.#failedLast = true
  }

  /** A server that is unreachable for an hour is reported once. */
  #warn(error: StorageError): void {
    if (!this.#failedLast) process.emitWarning(error.message, 'TraceholdWarning')
  }
}
