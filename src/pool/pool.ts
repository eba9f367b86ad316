import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Tables } from '../../schema/tables.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { PostgresPool } from './postgres.ts'
import type { SqlitePool } from './sqlite.ts'

/**
 * The part of Drizzle that every engine has at run time. Postgres typings stand for all of them. Only reads are here:
 * writers own transactions.
 */
export type ReadDatabase = Pick<PgDatabase<PgQueryResultHKT>, 'select' | 'selectDistinct' | '$with' | 'with' | '$count'>

/** What a repository needs of a pool, equal on every engine. */
export interface PoolBase {
  /** Where the data is, without a password: for messages and logs. */
  readonly location: string
  readonly db: ReadDatabase
  readonly tables: Tables
  readonly dialect: Dialect
  /** Runs a statement that reads, as Drizzle compiled it. Each row is an array of what the driver gives. */
  rows(text: string, params: readonly unknown[]): Promise<unknown[][]>
  /** Asks the engine whether it answers. Never throws. */
  health(): Promise<Health>
  stats(): PoolStats
  /**
   * Lets running calls finish, then disconnects; calls made after it fail with a PoolError. Safe to call twice.
   *
   * @param deadlineMs after this the remaining calls are cut off. @default 5000
   */
  close(deadlineMs?: number): Promise<void>
}

/** A pool of any engine; `engine` tells which. */
export type Pool = SqlitePool | PostgresPool

/** The answer to a health check. */
export interface Health {
  readonly ok: boolean
  /** Round trip of the check, in milliseconds. */
  readonly latencyMs: number
  /** Version of the engine, where it answered. */
  readonly version?: string
  /** Why it is not well. */
  readonly error?: string
}

/** Connections of a pool at one moment. */
export interface PoolStats {
  /** The budget: connections that the pool may open, reads and writes together. */
  readonly max: number
  /** Calls that hold a connection now. */
  readonly active: number
  /** Calls that wait for a connection. */
  readonly waiting: number
  /** active / max. */
  readonly utilization: number
}
