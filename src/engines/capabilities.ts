import type { Entity } from '../rows/accepted-row.ts'

/** How much of a table is read at once: rows until they have so many bytes, and never more than so many. */
export interface PageSize {
  readonly bytes: number
  readonly rows: number
}

/**
 * What differs between engines and matters outside of them. The default of each is what a database with transactions
 * does; an engine states only what it does otherwise.
 */
export interface Capabilities {
  /**
   * Set where the engine may hold several rows of one key until it merges them: by entity, the columns that order such
   * rows beside their key. A copy then reads every row, and a batch may hold a key twice.
   * @default undefined: a key has one row
   */
  readonly repeatedKeys: Partial<Record<Entity, readonly string[]>> | undefined
  /** The page in which rows are best copied into the engine. @default 1 MiB, at most 1000 rows */
  readonly copyPage: PageSize
  /** Whether a transaction that writes keeps all other writers waiting, also those of other processes. @default false */
  readonly hasOneWriter: boolean
  /** Whether rows are deleted all at once: each delete costs the same, however few they are. @default false */
  readonly deletesAllAtOnce: boolean
  /** Where what was erased may remain for a while, in words. */
  readonly erasureRemains: readonly string[]
}

export const defaultCapabilities: Capabilities = {
  repeatedKeys: undefined,
  copyPage: { bytes: 1024 * 1024, rows: 1_000 },
  hasOneWriter: false,
  deletesAllAtOnce: false,
  erasureRemains: [
    'backups, archives, and copies in other databases',
    'a Redis cache, until the time to live of its answers',
  ],
}
