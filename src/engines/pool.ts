import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Tables } from '../../schema/tables.ts'
import type { ClickHousePool } from './clickhouse/pool.ts'
import type { Dialect } from './dialect.ts'
import type { Health, HealthCheck } from './health.ts'
import type { PoolStats } from './pool-stats.ts'
import type { PostgresPool } from './postgres/pool.ts'
import type { SqlitePool } from './sqlite/pool.ts'

/**
 * The part of Drizzle that every engine has at run time. Postgres typings stand for all of them. Only reads are here:
 * writers own transactions.
 */
export type ReadDatabase = Pick<PgDatabase<PgQueryResultHKT>, 'select' | 'selectDistinct' | '$with' | 'with' | '$count'>

/** A statement that reads, as Drizzle compiled it, and its values. */
export interface Read {
  readonly text: string
  readonly params: readonly unknown[]
}

/** What a repository needs of a pool, equal on every engine. */
export interface PoolBase {
  /** Where the data is, without a password: for messages and logs. */
  readonly location: string
  readonly db: ReadDatabase
  readonly tables: Tables
  readonly dialect: Dialect
  /** Runs a statement that reads, as Drizzle compiled it. Each row is an array of what the driver gives. */
  rows(text: string, params: readonly unknown[]): Promise<unknown[][]>
  /**
   * Runs several statements that read, as of one moment and in one round trip where the engine knows such, and answers
   * with the rows of each.
   */
  snapshot(reads: readonly Read[]): Promise<unknown[][][]>
  /** Asks the engine whether it answers. Never throws. */
  health(): Promise<Health>
  /** What else the pool works with, such as a replica: each with an entry of its own in health reports. */
  readonly checks?: readonly HealthCheck[]
  stats(): PoolStats
  /**
   * Lets running calls finish, then disconnects; calls made after it fail with a PoolError. Safe to call twice.
   *
   * @param deadlineMs after this the remaining calls are cut off. @default 5000
   */
  close(deadlineMs?: number): Promise<void>
}

export type { Health } from './health.ts'
export type { PoolStats } from './pool-stats.ts'

/** A pool of any engine; `engine` tells which. */
export type Pool = SqlitePool | PostgresPool | ClickHousePool
