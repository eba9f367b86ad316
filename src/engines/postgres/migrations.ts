import type pg from 'pg'
import { isoFromPostgresText } from '../../../schema/time.ts'
import { MigrationError } from '../../errors.ts'
import type { Migration } from '../migration-files.ts'
import type { AppliedMigration, MigrationSession, MigrationTarget } from '../migration-target.ts'
import { claimCommits } from './commit-order.ts'
import { migrationsTable } from './migrations-table.ts'
import { oldestServer } from './oldest-server.ts'
import type { PostgresTransactions } from './transactions.ts'

/** A migration may rewrite large tables. */
const longestMs = 3_600_000
/** One number that all migrators of a database agree on. */
const lock = 'select pg_advisory_xact_lock(8174616365)'
const select = 'select version, name, sha256, applied_at::text from tracehold.migrations order by version'
// Not to_regclass: a connection remembers that it did not find a table, also while it waited for the lock.
const exists = `select exists (
  select from pg_class join pg_namespace as schema on schema.oid = relnamespace
  where nspname = 'tracehold' and relname = $1 and relkind = 'r') as found`

/** Migrations in PostgreSQL: one transaction that holds an advisory lock. */
export class PostgresTarget implements MigrationTarget {
  readonly folder = 'postgres'
  readonly #pool: PostgresTransactions

  constructor(pool: PostgresTransactions) {
    this.#pool = pool
  }

  applied(): Promise<readonly AppliedMigration[]> {
    return this.#pool.withConnection(`read the schema version of ${this.#pool.location}`, appliedIn)
  }

  locked<T>(work: (session: MigrationSession) => Promise<T>): Promise<T> {
    const run = async (connection: pg.PoolClient) => {
      await checkServer(connection)
      await connection.query('set local statement_timeout = 0')
      await connection.query(lock)
      return work({
        applied: () => appliedIn(connection),
        hasTables: () => found(connection, 'traces'),
        execute: async (statement) => {
          // Where the schema is there already, a role need not be allowed to make one.
          if (makesSchema.test(statement) && (await hasSchema(connection))) return
          await connection.query(statement)
        },
        record: (migration) => record(connection, migration),
        async claimCommits() {
          if (await found(connection, 'commit_origins')) await claimCommits(connection)
        },
      })
    }
    return this.#pool.transaction('migrate', run, longestMs)
  }
}

const makesSchema = /^\s*create schema if not exists "tracehold";?\s*$/i

async function hasSchema(connection: pg.PoolClient): Promise<boolean> {
  const { rows } = await connection.query(`select from pg_namespace where nspname = 'tracehold'`)
  return rows.length > 0
}

async function found(connection: pg.PoolClient, table: string): Promise<boolean> {
  const { rows } = await connection.query<{ found: boolean }>(exists, [table])
  return rows[0]?.found === true
}

async function appliedIn(connection: pg.PoolClient): Promise<AppliedMigration[]> {
  if (!(await found(connection, 'migrations'))) return []
  const { rows } = await connection.query<[number, string, string, string]>({ text: select, rowMode: 'array' })
  return rows.map(([version, name, sha256, at]) => ({ version, name, sha256, appliedAt: isoFromPostgresText(at) }))
}

async function record(connection: pg.PoolClient, { version, name, sha256 }: Migration): Promise<void> {
  if (!(await hasSchema(connection))) await connection.query('create schema tracehold')
  await connection.query(migrationsTable)
  await connection.query('insert into tracehold.migrations (version, name, sha256) values ($1, $2, $3)', [
    version,
    name,
    sha256,
  ])
}

async function checkServer(connection: pg.PoolClient): Promise<void> {
  const { rows } = await connection.query<{ server_version_num: string }>('show server_version_num')
  const version = Math.floor(Number(rows[0]?.server_version_num) / 10_000)
  if (version < oldestServer) {
    throw new MigrationError(`The server is PostgreSQL ${version}; tracehold needs ${oldestServer} or newer.`)
  }
}
