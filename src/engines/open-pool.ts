import { ClickHousePool, type ClickHousePoolOptions } from './clickhouse/pool.ts'
import { parseDatabaseUrl } from './database-url.ts'
import type { Pool } from './pool.ts'
import type { PostgresPoolOptions } from './postgres/options.ts'
import { PostgresPool } from './postgres/pool.ts'
import { SqlitePool, type SqlitePoolOptions } from './sqlite/pool.ts'

/** What a pool is opened with; options of another engine than the URL's are ignored. */
export interface PoolOptions extends SqlitePoolOptions, PostgresPoolOptions, ClickHousePoolOptions {
  /** `sqlite:PATH`, `postgres://…`, `clickhouse://…` or `chdb:PATH`. */
  url: string
  /** The folder that a relative path in the URL starts from. @default process.cwd() */
  cwd?: string | undefined
}

/**
 * Opens the pool that repositories and writers share. PostgreSQL connects at the first call, SQLite opens its file.
 *
 * @throws ConfigError for a URL that cannot be used or a driver that is missing; ConnectionError for a file that
 *   cannot be opened
 */
export async function openPool(options: PoolOptions): Promise<Pool> {
  const target = parseDatabaseUrl(options.url, options.cwd)
  switch (target.engine) {
    case 'sqlite':
      return SqlitePool.open(target.path, target.location, options)
    case 'postgres':
      return PostgresPool.open(target.address, options)
    case 'clickhouse':
      return ClickHousePool.open(target.place, target.location, options)
  }
}
