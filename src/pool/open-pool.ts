import { parseDatabaseUrl } from '../config/url.ts'
import type { Pool } from './pool.ts'
import { PostgresPool, type PostgresPoolOptions } from './postgres.ts'
import { SqlitePool, type SqlitePoolOptions } from './sqlite.ts'

/** What a pool is opened with; options of another engine than the URL's are ignored. */
export interface PoolOptions extends SqlitePoolOptions, PostgresPoolOptions {
  /** `sqlite:PATH` or `postgres://…`. */
  url: string
}

/**
 * Opens the pool that repositories and writers share. PostgreSQL connects at the first call, SQLite opens its file.
 *
 * @throws ConfigError for a URL that cannot be used or a driver that is missing; ConnectionError for a file that
 *   cannot be opened
 */
export async function openPool(options: PoolOptions): Promise<Pool> {
  const target = parseDatabaseUrl(options.url)
  switch (target.engine) {
    case 'sqlite':
      return SqlitePool.open(target.path, target.location, options)
    case 'postgres':
      return PostgresPool.open(target.url, target.location, options)
  }
}
