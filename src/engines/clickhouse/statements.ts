import type { Chunks, ClickHouseSettings } from './connection.ts'

/** What the sink and the migrations need of a pool. */
export interface ClickHouseStatements {
  /** Connections to the server, or sessions of the engine in this process. */
  readonly maxConnections: number
  /** Whether writers let the server gather their inserts. */
  readonly asyncInsert: boolean
  /** Runs a statement that reads. Its parameters are `{p0:Type}`, `{p1:Type}`, and so on. */
  rows(text: string, params: readonly unknown[]): Promise<unknown[][]>
  /**
   * Runs a statement that answers nothing: DDL, INSERT … SELECT, DELETE.
   *
   * @param options what is being done, in words for an error; values of `{name:Type}`
   */
  command(text: string, options?: { during?: string; params?: Record<string, unknown> }): Promise<void>
  /**
   * Stores rows in the format Native, in one INSERT.
   *
   * @param columns the columns that the rows have, in their order
   */
  insertBinary(
    table: string,
    columns: readonly string[],
    chunks: Chunks,
    options?: { during?: string; settings?: ClickHouseSettings },
  ): Promise<void>
  /**
   * Creates the pool's database where it is missing.
   *
   * @param clause what follows its name: `ON CLUSTER …`
   */
  createDatabase(clause?: string): Promise<void>
}
