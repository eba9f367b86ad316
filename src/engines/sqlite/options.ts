/** Options of an SQLite pool. */
export interface SqlitePoolOptions {
  /** How long a write waits for another process's transaction, in milliseconds. @default 30000 */
  busyTimeoutMs?: number | undefined
  /**
   * What a commit waits for. `normal` survives a killed process and may lose the last commits in a power cut; `full`
   * survives that too and costs a sync to disk for each commit. @default 'normal'
   */
  synchronous?: 'normal' | 'full' | undefined
  /** How long one statement that reads may run, in milliseconds; one in memory, or without threads, is not ended. @default 30000 */
  statementTimeoutMs?: number | undefined
  /**
   * Threads for reads that may be long, which would stop the event loop: analytics, counts, filters without an index. 0
   * reads everything on the event loop, as a database in memory or of less than 4 MiB does. @default 2
   */
  readThreads?: number | undefined
}

/** All options, with their values. */
export interface SqliteSettings {
  readonly busyTimeoutMs: number
  readonly synchronous: 'normal' | 'full'
  readonly statementTimeoutMs: number
  readonly readThreads: number
}

export const sqlitePoolDefaults = {
  busyTimeoutMs: 30_000,
  synchronous: 'normal',
  statementTimeoutMs: 30_000,
  readThreads: 2,
} as const satisfies SqliteSettings
