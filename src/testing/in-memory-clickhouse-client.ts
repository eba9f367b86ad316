import type { ClickHouseRecordClient, InsertCall } from '../exporters/clickhouse-client.ts'
import type { RecordCell, RecordRow } from '../exporters/record-row.ts'

/**
 * A client that keeps what the record exporter hands it, for tests without a server. It does not look into statements,
 * and keeps an insert that is sent twice twice.
 *
 * @example
 * const client = new InMemoryClickHouseClient()
 * await new ClickHouseExporter({ client }).export(records)
 * assert.equal(client.rowsAsObjects()[0]?.model, 'gpt-4o')
 */
export class InMemoryClickHouseClient implements ClickHouseRecordClient {
  /** Every insert, in order. */
  readonly inserts: InsertCall[] = []
  /** Every statement, in order. */
  readonly commands: string[] = []
  #closed = false

  insert(call: InsertCall): void {
    this.inserts.push(call)
  }

  command(statement: string): void {
    this.commands.push(statement)
  }

  close(): void {
    this.#closed = true
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed
  }

  /** The rows of all inserts, in order. */
  get rows(): readonly RecordRow[] {
    return this.inserts.flatMap(({ rows }) => rows)
  }

  /** The rows of all inserts, with their cells by column. */
  rowsAsObjects(): Record<string, RecordCell>[] {
    return this.inserts.flatMap(({ columnNames, rows }) =>
      rows.map((row) => Object.fromEntries(columnNames.map((name, i) => [name, row[i] ?? null]))),
    )
  }
}
