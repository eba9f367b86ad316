import type pg from 'pg'

/** What the sink, the migrations and the notifications need of a pool. */
export interface PostgresTransactions {
  /** Where the data is, for messages. */
  readonly location: string
  /** Connections that writes may use. */
  readonly maxWriters: number
  /**
   * Runs `work` on one write connection, which is given up when `work` fails or does not end in time.
   *
   * @param deadlineMs how long all of `work` may take, waiting for a connection included.
   *   @default twice the statement timeout
   */
  withConnection<T>(during: string, work: (connection: pg.PoolClient) => Promise<T>, deadlineMs?: number): Promise<T>
  /** Runs `work` in one transaction (READ COMMITTED), committed when it returns and rolled back when it throws. */
  transaction<T>(during: string, work: (connection: pg.PoolClient) => Promise<T>, deadlineMs?: number): Promise<T>
}
