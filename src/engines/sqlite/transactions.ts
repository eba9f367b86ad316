import type Sqlite from 'better-sqlite3'

/** What a write transaction works with. */
export interface SqliteWriter {
  /** A statement, compiled once for each text. */
  prepare(statement: string): Sqlite.Statement<unknown[]>
  exec(statements: string): void
}

/** What the sink and the migrations need of a pool. */
export interface SqliteTransactions {
  /** Where the data is, for messages. */
  readonly location: string
  /** Names this pool among all that ever stored something. */
  readonly origin: string
  /** Whether reads and writes share one connection, as they must in memory. */
  readonly isShared: boolean
  /** Runs `work` on the connection that reads, which waits for nobody who writes. */
  read<T>(during: string, work: (reader: Pick<SqliteWriter, 'prepare'>) => T): Promise<T>
  /**
   * Runs `work` in one write transaction, committed when it returns and rolled back when it throws. No other
   * transaction of this process runs meanwhile, even where `work` awaits.
   *
   * @throws TransactionError when another process held the file longer than `busyTimeoutMs`
   */
  transaction<T>(during: string, work: (writer: SqliteWriter) => T | Promise<T>): Promise<T>
}
