/** Options of an SQLite pool. */
export interface SqlitePoolOptions {
  /** How long a write waits for another process's transaction, in milliseconds. @default 30000 */
  busyTimeoutMs?: number | undefined
  /**
   * What a commit waits for. `normal` survives a killed process and may lose the last commits in a power cut; `full`
   * survives that too and costs a sync to disk for each commit. @default 'normal'
   */
  synchronous?: 'normal' | 'full' | undefined
}

export const sqlitePoolDefaults = {
  busyTimeoutMs: 30_000,
  synchronous: 'normal',
} as const satisfies Required<SqlitePoolOptions>
