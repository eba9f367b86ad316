import type { Finding } from './finding.ts'
import type { ReadOptions } from './reader.ts'

/** The indexes of a database. */
export interface IndexState {
  /** Indexes that the migrations make, by name, each with the statement that makes it. */
  readonly expected: ReadonlyMap<string, string>
  /** Indexes that exist, by name, each with whether it can be used. */
  readonly found: ReadonlyMap<string, boolean>
  /** The statement that mends an index that cannot be used. @default none: the engine's indexes can always be used */
  repair?(name: string): string
}

/** How far a database follows another one. */
export interface Replication {
  /** Whether the database is a replica. */
  readonly isReplica: boolean
  /** How far it is behind, in milliseconds. */
  readonly behindMs: number
}

/** A table or an index, and the room that it takes on the disk. */
export interface StoredPart {
  readonly name: string
  /** The table that it is of: itself, for a table. */
  readonly table: string
  /** The rows of a table; its large values, which engines keep outside of them; or an index. */
  readonly kind: 'table' | 'large values' | 'index'
  readonly bytes: number
  /** About how many rows a table has; null where nobody has counted yet, and of what is no table. */
  readonly rows: number | null
}

/** What takes the room of a database, all projects together. */
export interface StoredParts {
  readonly parts: readonly StoredPart[]
  /** What deleted rows left, for new ones; null where the engine does not know. */
  readonly freeBytes: number | null
}

/**
 * What an engine knows when somebody asks what is wrong with a database (`tracehold doctor`). Nothing here changes it. A
 * part that an engine leaves out is skipped.
 */
export interface Diagnostics {
  /** Why there is no server to ask, such as 'the database is a file'. @default undefined: there is a server */
  readonly noServer?: string
  /** The version, whether it is new enough, and whether the server takes writes. */
  server(): Promise<Finding>
  /** The indexes that the migrations make, and those that exist. */
  indexes(): Promise<IndexState>
  /** What takes the room: tables and indexes of all projects; in an SQLite file also those of an app. */
  storedParts(options?: ReadOptions): Promise<StoredParts>
  /** Whether the connection is encrypted, and whether the server proves its identity. */
  tls?(): Promise<Finding>
  /** The server's clock, in milliseconds since 1970. */
  clock?(): Promise<number>
  /** Whether the role has the rights that a writer needs on every table. */
  rights?(): Promise<Finding>
  /** Whether the server keeps projects apart by itself, and what this role may see. */
  rowSecurity?(projectId: string): Promise<Finding>
  /** Whether what the server writes about itself has an end. */
  ownLogs?(): Promise<Finding>
  /** Whether this database is a replica, and how far it is behind. Missing where an engine has no replicas. */
  replication?(): Promise<Replication>
}
