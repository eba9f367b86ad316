import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { KeptUsageTable } from '../../schema/kept-usage.ts'
import type { Tables } from '../../schema/tables.ts'
import type { Dialect } from './dialect.ts'

/**
 * The part of Drizzle that every engine has at run time, in the types of its PostgreSQL database. Only reads are here:
 * writes go through a sink.
 */
export type ReadDatabase = Pick<PgDatabase<PgQueryResultHKT>, 'select' | 'selectDistinct' | '$with' | 'with' | '$count'>

/** A statement that reads, as Drizzle compiled it, and its values. */
export interface Read {
  readonly text: string
  readonly params: readonly unknown[]
}

/** When a read ends that has not answered. Every method that reads takes these. */
export interface ReadOptions {
  /** Ends the read with the signal's reason, and what the engine does for it. */
  signal?: AbortSignal | undefined
  /**
   * After so long each statement of the read ends with a TimeoutError, in milliseconds, at most what the pool allows.
   * @default the pool's `statementTimeoutMs`
   */
  statementTimeoutMs?: number | undefined
}

/** How a statement is sent. */
export interface StatementOptions extends ReadOptions {
  /**
   * Whether it may read many rows to find few. Where the engine works in this process, such a statement gets a thread of
   * its own. @default false: it reads by key, or a page of an index
   */
  isLong?: boolean | undefined
}

/** What reads: a pool, or a pool within the limits of one read. */
export interface Reader {
  /** For queries of any length. */
  readonly db: ReadDatabase
  readonly tables: Tables
  /** What traces used that retention deleted. */
  readonly keptUsageTable: KeptUsageTable
  readonly dialect: Dialect
  /** Runs a statement that reads, as Drizzle compiled it. Each row is an array of what the driver returns. */
  rows(text: string, params: readonly unknown[], options?: StatementOptions): Promise<unknown[][]>
  /**
   * Runs several statements that read, as of one moment and in one round trip where the engine can. Returns the rows of
   * each.
   */
  snapshot(reads: readonly Read[], options?: ReadOptions): Promise<unknown[][][]>
}

/** What a reader is made of. */
interface LimitlessReader extends Reader {
  dbWithin(options: ReadOptions): ReadDatabase
}

/** A reader each of whose statements ends as the options say; the pool itself where they say nothing. */
export function limitedReader(pool: LimitlessReader, { signal, statementTimeoutMs }: ReadOptions): Reader {
  if (signal === undefined && statementTimeoutMs === undefined) return pool
  const limits = { signal, statementTimeoutMs }
  let db: ReadDatabase | undefined
  return {
    tables: pool.tables,
    keptUsageTable: pool.keptUsageTable,
    dialect: pool.dialect,
    get db() {
      db ??= pool.dbWithin(limits)
      return db
    },
    rows: (text, params, options) => pool.rows(text, params, { ...options, ...limits }),
    snapshot: (reads) => pool.snapshot(reads, limits),
  }
}
