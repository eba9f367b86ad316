import { storageError } from '../driver-errors/storage-error.ts'
import { type Migration, shippedMigrations } from '../engines/migration-files.ts'
import type { AppliedMigration, MigrationSession, MigrationTarget } from '../engines/migration-target.ts'
import type { Pool } from '../engines/pool.ts'
import { MigrationError } from '../errors.ts'

/** Where a database stands. */
export interface MigrationStatus {
  /** The version of the schema in the database; 0 when it is empty. */
  readonly current: number
  /** The version that this package ships. */
  readonly latest: number
  readonly applied: readonly AppliedMigration[]
  readonly pending: readonly Migration[]
}

/** What a run did. */
export interface MigrationReport {
  readonly from: number
  readonly to: number
  readonly applied: readonly string[]
}

/**
 * Runs the shipped migrations over our own tables. Drizzle's migrator is not used: it has no lock, never checks what a
 * file held when it was applied, and skips a file that is older than the last applied one.
 */
export class Migrator {
  readonly #pool: Pool
  readonly #target: MigrationTarget
  readonly #migrations: readonly Migration[]

  constructor(pool: Pool, migrations?: readonly Migration[]) {
    this.#pool = pool
    this.#target = pool.migrationTarget()
    this.#migrations = migrations ?? shippedMigrations(this.#target.folder)
  }

  /** The version that this package ships. */
  get latestVersion(): number {
    return this.#migrations.length
  }

  /** The migrations that a schema of version `current` still needs. */
  pending(current: number): readonly Migration[] {
    return this.#migrations.slice(Math.max(0, current))
  }

  /**
   * Hands every statement that a schema of version `current` still needs to the caller's own executor, in order, and
   * returns the new version. Locks and records nothing: that is then the caller's part.
   */
  async apply(current: number, execute: (statement: string) => unknown): Promise<number> {
    for (const { statements } of this.pending(current)) {
      for (const statement of statements) await execute(statement)
    }
    return Math.max(current, this.latestVersion)
  }

  /** @throws MigrationError when the database and this package do not fit together */
  async status(): Promise<MigrationStatus> {
    const applied = await this.#target.applied()
    this.#check(applied)
    const current = applied.length
    return { current, latest: this.latestVersion, applied, pending: this.pending(current) }
  }

  /**
   * Brings the database up to the shipped version, in one transaction under a lock (ClickHouse: by statements that may
   * run again): any number of processes may call it at once.
   *
   * @throws MigrationError when an applied file was edited, the order was changed, the schema is newer than this
   *   package, or a statement fails (nothing is changed then, but on ClickHouse)
   */
  migrate(): Promise<MigrationReport> {
    return this.#target.locked((session) => this.#migrate(session))
  }

  /**
   * Records the shipped migrations as applied without running them: adopts tables that an app's own migrations made. The
   * indexes that are missing are made, those among them that drizzle-kit has no words for.
   *
   * @throws MigrationError when our tables are not there
   */
  async baseline(): Promise<MigrationReport> {
    const { expected, found } = await this.#pool.diagnostics.indexes()
    return this.#target.locked(async (session) => {
      const applied = await session.applied()
      this.#check(applied)
      if (!(await session.hasTables())) {
        throw new MigrationError('There are no tables to adopt. Run the migration without --baseline.')
      }
      const pending = this.pending(applied.length)
      for (const migration of pending) await session.record(migration)
      // On a cluster of ClickHouse they are those of the tables below ours.
      const missing = session.isRepeatable ? [] : [...expected].filter(([name]) => !found.has(name))
      for (const [, statement] of missing) await session.execute(statement)
      if (pending.length > 0) await session.claimCommits?.()
      return this.#report(applied, pending)
    })
  }

  async #migrate(session: MigrationSession): Promise<MigrationReport> {
    const applied = await session.applied()
    this.#check(applied)
    if (!session.isRepeatable && applied.length === 0 && (await session.hasTables())) {
      throw new MigrationError(
        'The tables are there, but no migration is recorded. If your own migrations made them, adopt them with ' +
          '`tracehold migrate --baseline`.',
      )
    }
    const pending = this.pending(applied.length)
    for (const migration of pending) {
      await this.#run(session, migration)
      await session.record(migration)
    }
    if (pending.length > 0) await session.claimCommits?.()
    return this.#report(applied, pending)
  }

  async #run(session: MigrationSession, { version, name, statements }: Migration): Promise<void> {
    for (const [index, statement] of statements.entries()) {
      try {
        await session.execute(statement)
      } catch (thrown) {
        const error = storageError(thrown, `run statement ${index + 1} of migration ${version} '${name}'`)
        if (error.code !== 'query') throw error
        const outcome = session.isRepeatable ? '' : 'Nothing was changed. '
        throw new MigrationError(`${outcome}${error.message}`, { cause: error.cause })
      }
    }
  }

  #report(applied: readonly AppliedMigration[], pending: readonly Migration[]): MigrationReport {
    const to = applied.length + pending.length
    return { from: applied.length, to, applied: pending.map(({ name }) => name) }
  }

  #check(applied: readonly AppliedMigration[]): void {
    applied.forEach((row, index) => {
      const shipped = this.#migrations[index]
      if (!shipped) {
        throw new MigrationError(
          `The database's schema is at version ${applied.length} and this package knows only ${this.latestVersion}. ` +
            'Upgrade the tracehold package.',
        )
      }
      if (row.version !== shipped.version || row.name !== shipped.name) {
        throw new MigrationError(
          `Migration ${shipped.version} is '${shipped.name}' in this package and '${row.name}' in the database: the ` +
            'order was changed. Restore the files as they were published.',
        )
      }
      if (row.sha256 !== shipped.sha256) {
        throw new MigrationError(
          `Migration ${shipped.version} '${shipped.name}' was edited after it was applied. Restore the file, and put ` +
            'the change into a new migration.',
        )
      }
    })
  }
}
