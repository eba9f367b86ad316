/** Options of a ClickHouse pool. */
export interface ClickHousePoolOptions {
  /**
   * Connections that this pool may open to a server, reads and writes together; at least 1. The embedded engine runs three
   * statements at once at most. @default 10
   */
  maxConnections?: number | undefined
  /**
   * How long one statement may run, in milliseconds. The server stops it then; where the server does not even do that,
   * the call fails two seconds later. @default 30000
   */
  statementTimeoutMs?: number | undefined
  /** How the requests call themselves in `system.query_log`. @default 'tracehold' */
  applicationName?: string | undefined
  /** Compresses what goes to and comes from a ClickHouse server: worth it on a slow network. @default 'none' */
  compression?: 'none' | 'gzip' | undefined
  /**
   * Lets the server gather inserts of many small writers into one part, and waits until it has stored them. It costs each
   * write up to the server's `async_insert_busy_timeout_max_ms`; larger batches are better where they are possible.
   * @default false
   */
  asyncInsert?: boolean | undefined
}

export const clickhousePoolDefaults = {
  maxConnections: 10,
  statementTimeoutMs: 30_000,
  applicationName: 'tracehold',
  compression: 'none',
  asyncInsert: false,
} as const satisfies Required<ClickHousePoolOptions>

/** Every option with its value. */
export type ClickHousePoolSettings = { [K in keyof ClickHousePoolOptions]-?: NonNullable<ClickHousePoolOptions[K]> }
