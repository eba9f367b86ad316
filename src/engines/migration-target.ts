import type { Migration } from './migration-files.ts'

/** A migration as the database remembers it. */
export interface AppliedMigration {
  readonly version: number
  readonly name: string
  readonly sha256: string
  /** When, in row format. */
  readonly appliedAt: string
}

/** A database while the migrations' lock is held. */
export interface MigrationSession {
  /** Statements may run again, and what ran before a failure stays: the engine has no transactions. @default false */
  readonly isRepeatable?: boolean
  applied(): Promise<readonly AppliedMigration[]>
  /** Whether tables of ours exist, whoever made them. */
  hasTables(): Promise<boolean>
  execute(statement: string): Promise<void>
  record(migration: Migration): Promise<void>
  /** Notes whose numbers the rows have, once there is a place for it. @default nothing: numbers tell by themselves */
  claimCommits?(): Promise<void>
}

/** What the migrator needs of an engine. */
export interface MigrationTarget {
  /** The folder of the migrations, below `drizzle/`. Engines that share tables share it. */
  readonly folder: string
  /** The applied migrations, oldest first; none when the database is empty. Changes nothing. */
  applied(): Promise<readonly AppliedMigration[]>
  /** Runs `work` in one transaction, with all other migrators of this database waiting, where the engine can. */
  locked<T>(work: (session: MigrationSession) => Promise<T>): Promise<T>
}
