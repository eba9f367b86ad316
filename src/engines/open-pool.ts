import { type EngineOptions, parseDatabaseUrl } from './database-url.ts'
import type { Pool } from './pool.ts'

/** What a pool is opened with; options of another engine than the URL's are ignored. */
export interface PoolOptions extends EngineOptions {
  /** `sqlite:PATH`, `postgres://…`, `clickhouse://…` or `chdb:PATH`. */
  url: string
  /** The folder that a relative path in the URL starts from. @default process.cwd() */
  cwd?: string | undefined
}

/**
 * Opens the pool that repositories and writers share. A server is asked at the first call; a file is opened at once.
 *
 * @throws ConfigError for a URL that cannot be used or a driver that is missing; ConnectionError for a file that
 *   cannot be opened
 */
export const openPool = async (options: PoolOptions): Promise<Pool> =>
  parseDatabaseUrl(options.url, options.cwd).open(options)
