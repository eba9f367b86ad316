import { getTableName } from 'drizzle-orm'
import { traces } from '../../../schema/sqlite.ts'
import { isoFromMicros, microsFromIso } from '../../../schema/time.ts'
import { now } from '../../clock.ts'
import type { Migration } from '../migration-files.ts'
import type { AppliedMigration, MigrationSession, MigrationTarget } from '../migration-target.ts'
import type { SqliteTransactions, SqliteWriter } from './transactions.ts'

const create = `create table if not exists tracehold_migrations (
  version integer primary key, name text not null, sha256 text not null, applied_at integer not null
)`
const select = 'select version, name, sha256, applied_at from tracehold_migrations order by version'
const exists = "select 1 from sqlite_master where type = 'table' and name = ?"

/** Migrations in SQLite: BEGIN IMMEDIATE is the lock. */
export class SqliteTarget implements MigrationTarget {
  readonly folder = 'sqlite'
  readonly #pool: SqliteTransactions

  constructor(pool: SqliteTransactions) {
    this.#pool = pool
  }

  applied(): Promise<readonly AppliedMigration[]> {
    // Not in a transaction that writes: a store opens while another process has one open.
    return this.#pool.read(`read the schema version of ${this.#pool.location}`, (reader) => appliedIn(reader))
  }

  locked<T>(work: (session: MigrationSession) => Promise<T>): Promise<T> {
    const table = getTableName(traces)
    return this.#pool.transaction('migrate', (writer) =>
      work({
        applied: async () => appliedIn(writer),
        hasTables: async () => writer.prepare(exists).get(table) !== undefined,
        execute: async (statement) => writer.exec(statement),
        record: async (migration) => record(writer, migration),
      }),
    )
  }
}

function appliedIn(writer: Pick<SqliteWriter, 'prepare'>): AppliedMigration[] {
  if (!writer.prepare(exists).get('tracehold_migrations')) return []
  const rows = writer.prepare(select).raw().all() as [number, string, string, number][]
  return rows.map(([version, name, sha256, at]) => ({ version, name, sha256, appliedAt: isoFromMicros(at) }))
}

function record(writer: SqliteWriter, { version, name, sha256 }: Migration): void {
  writer.exec(create)
  writer
    .prepare('insert into tracehold_migrations values (?, ?, ?, ?)')
    .run(version, name, sha256, microsFromIso(now()))
}
