import { DriverError } from '../../driver-errors/driver-error.ts'
import { MigrationError, StorageError } from '../../errors.ts'
import type { Migration } from '../migration-files.ts'
import type { AppliedMigration, MigrationSession, MigrationTarget } from '../migration-target.ts'
import { isOlder } from '../older-version.ts'
import { oldestServer } from './oldest-server.ts'
import type { ClickHouseStatements } from './statements.ts'

const migrationsTable = `CREATE TABLE IF NOT EXISTS migrations
(
  version Int32,
  name String,
  sha256 String,
  applied_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree
ORDER BY version`
const select = 'select version, name, sha256, applied_at from migrations order by version'
const hasTraces = "select count() from system.tables where database = currentDatabase() and name = 'traces'"

/** The server has no such table, or no such database yet. */
const nothingThere: ReadonlySet<string | undefined> = new Set(['CLICKHOUSE_60', 'CLICKHOUSE_81'])

/**
 * Migrations in ClickHouse, which has neither locks nor transactions: every statement of a migration may run again, and
 * the migration is recorded once all of them have. So two migrators at once do no harm, and one that died is finished by
 * the next.
 */
export class ClickHouseTarget implements MigrationTarget {
  readonly folder = 'clickhouse'
  readonly #pool: ClickHouseStatements

  constructor(pool: ClickHouseStatements) {
    this.#pool = pool
  }

  async applied(): Promise<readonly AppliedMigration[]> {
    try {
      const rows = (await this.#pool.rows(select, [])) as [number, string, string, string][]
      return rows.map(([version, name, sha256, appliedAt]) => ({ version, name, sha256, appliedAt }))
    } catch (error) {
      const cause = error instanceof StorageError ? error.cause : undefined
      if (cause instanceof DriverError && nothingThere.has(cause.driverCode)) return []
      throw error
    }
  }

  async locked<T>(work: (session: MigrationSession) => Promise<T>): Promise<T> {
    const pool = this.#pool
    await pool.createDatabase()
    checkServer(await serverVersion(pool))
    return work({
      isRepeatable: true,
      applied: () => this.applied(),
      hasTables: async () => (await pool.rows(hasTraces, []))[0]?.[0] !== 0,
      execute: (statement) => pool.command(statement, { during: 'migrate' }),
      record: (migration) => record(pool, migration),
    })
  }
}

async function record(pool: ClickHouseStatements, { version, name, sha256 }: Migration): Promise<void> {
  await pool.command(migrationsTable, { during: 'create the table of migrations' })
  await pool.command(
    'INSERT INTO migrations (version, name, sha256) SELECT {version:Int32}, {name:String}, {sha256:String}',
    { during: 'record a migration', params: { version, name, sha256 } },
  )
}

async function serverVersion(pool: ClickHouseStatements): Promise<string> {
  const [row] = await pool.rows('select version()', [])
  return String(row?.[0])
}

/** @throws MigrationError when the server is too old */
export function checkServer(version: string): void {
  if (!isOlder(version, oldestServer)) return
  throw new MigrationError(
    `The server is ClickHouse ${version}; tracehold needs ${oldestServer.join('.')} or newer. Upgrade the server.`,
  )
}
