import type { StorageError } from '../errors.ts'
import type { Entity } from '../rows/accepted-row.ts'

/** Options of a copy. */
export interface CopyOptions {
  /** Copy one project. @default all projects */
  projectId?: string | undefined
  /**
   * A file that remembers how far the copy is: a copy that was interrupted goes on there, if both databases are still
   * those that it was between and the target has rows. It is removed at the end.
   * @default none; a copy that is begun anew copies everything again, which changes nothing
   */
  progressFile?: string | undefined
  /** Compare both sides row by row at the end. @default true */
  verify?: boolean | undefined
  /** Stops after the batch that is being written, with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Called with how far it is, after each batch. */
  onProgress?: ((progress: CopyProgress) => void) | undefined
}

/** How far a copy is. */
export interface CopyProgress {
  readonly phase: 'copy' | 'verify'
  readonly table: Entity
  /** Rows of the table that are done, those of an interrupted copy among them. */
  readonly rows: number
}

/** Options of a sync. */
export interface SyncOptions {
  /** Sync one project. @default all projects */
  projectId?: string | undefined
  /** End when all rows are there that were stored when it began. @default false */
  once?: boolean | undefined
  /**
   * A file that remembers how far it is: after an interruption, a kill among them, it goes on there. It begins anew where
   * one of the two databases is another one now, or the target has no row.
   * @default none; every start begins with the first row, which changes nothing that is there
   */
  progressFile?: string | undefined
  /** How long to wait before looking again when nothing is new, in milliseconds, 1 to 3600000. @default 1000 */
  pollMs?: number | undefined
  /** Ends it after the page of rows that is being written, without an error. */
  signal?: AbortSignal | undefined
  /** Called with how far it is, after each page. */
  onProgress?: ((progress: SyncProgress) => void) | undefined
  /** Called with why it waits: a database is unreachable. It tries again, for as long as it takes; with `once` a few times. */
  onRetry?: ((error: StorageError) => void) | undefined
}

/** How far it is. */
export interface SyncProgress {
  /** The table whose rows are being written; undefined when everything is there. */
  readonly table: Entity | undefined
  /** Rows that this call has written, of all tables. */
  readonly rows: number
}
