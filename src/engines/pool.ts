import type { PendingUsageTable } from '../../schema/tables.ts'
import type { Capabilities } from './capabilities.ts'
import type { CommitOrder } from './commit-order.ts'
import type { Diagnostics } from './diagnostics.ts'
import type { Health, HealthCheck } from './health.ts'
import type { KeptUsage } from './kept-usage.ts'
import type { Leases } from './leases.ts'
import type { MigrationTarget } from './migration-target.ts'
import type { Notifications } from './notifications.ts'
import type { PoolStats } from './pool-stats.ts'
import type { ReadDatabase, Reader, ReadOptions } from './reader.ts'
import type { EngineSink, SinkOptions } from './sink.ts'
import type { Tombstones } from './tombstones.ts'

/**
 * The contract of an engine: connections to one database, and all that differs between engines. Nothing outside of an
 * engine's folder asks which engine it is; what matters to a caller is a method or a capability here.
 */
export interface Pool extends Reader {
  /** The engine in one word, as health reports have it. */
  readonly name: string
  /** The engine as people write it, for messages. */
  readonly productName: string
  /** Where the data is, without a password: for messages and logs. */
  readonly location: string
  readonly capabilities: Capabilities
  /**
   * The pool for reads that follow what was committed, one after the other: it never reads from a replica, which may be
   * behind the server that answered before. Itself where there is no replica.
   */
  readonly primary: Pool
  /** The same as `db`, whose queries end as the options say. */
  dbWithin(options: ReadOptions): ReadDatabase
  /** Asks the engine whether it answers. Never throws. */
  health(): Promise<Health>
  /** What the pool works with beside its database, such as a replica: each has an entry of its own in health reports. */
  readonly checks?: readonly HealthCheck[]
  stats(): PoolStats
  /**
   * Lets running calls finish, then disconnects; calls made after it fail with a PoolError. Safe to call twice.
   *
   * @param deadlineMs after this the remaining calls are cut off. @default 5000
   */
  close(deadlineMs?: number): Promise<void>
  /** Makes what stores batches. Use `createSink`, whose sink also notifies caches and subscriptions. */
  createEngineSink(options?: SinkOptions): EngineSink
  /** What the migrator works on. */
  migrationTarget(): MigrationTarget
  /**
   * What the database calls itself: equal for every process that works on it, by whatever host name or user, and for no
   * other database except a copy of it. Undefined where the engine has no such name or the role may not ask for it.
   *
   * @throws StorageError when the database does not answer
   */
  identity(): Promise<string | undefined>
  /**
   * The same, but another text for a copy, such as a replica or a restored backup. @default identity, else location
   *
   * @throws StorageError when the database does not answer
   */
  instance?(): Promise<string>
  /** The order in which rows were stored. Ask that of `primary`. */
  readonly commitOrder: CommitOrder
  /** What only one process at a time may do. */
  readonly leases: Leases
  /** The table of what waits for parents that are not stored. @default undefined: the engine counts traces anew */
  readonly pendingUsage?: PendingUsageTable
  /** What is kept of usage when its traces go. */
  readonly keptUsage: KeptUsage
  /** What was erased. */
  readonly tombstones: Tombstones
  /** Messages between the processes that work on the database. @default undefined: the engine carries none */
  readonly notifications?: Notifications
  /** What the engine knows about its own condition. */
  readonly diagnostics: Diagnostics
}

export type { Health } from './health.ts'
export type { PoolStats } from './pool-stats.ts'
export type { Read, ReadDatabase, Reader, ReadOptions, StatementOptions } from './reader.ts'
