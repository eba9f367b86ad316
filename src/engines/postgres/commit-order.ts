import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { QueryError, RestoredError } from '../../errors.ts'
import { entities } from '../../rows/accepted-row.ts'
import type { CommitOrder, CommitPoint } from '../commit-order.ts'
import type { Pool } from '../pool.ts'
import { tableName } from './statements.ts'
import type { PostgresTransactions } from './transactions.ts'

/** The right to what names a cluster: everybody has it, unless somebody took it away. */
const mayAsk = `select (has_function_privilege('pg_control_system()', 'execute')
  and has_function_privilege('pg_control_checkpoint()', 'execute'))::int`
const cluster = '(select system_identifier::text from pg_control_system())'
const timeline = '(select timeline_id::text from pg_control_checkpoint())'

// In one statement, so that all of it is of one server and one moment.
const state = (isKnown: boolean) => `select pg_snapshot_xmin(pg_current_snapshot())::text, pg_is_in_recovery()::int,
  (select oid::text from pg_database where datname = current_database()), ${isKnown ? timeline : `''`},
  min(origin), (count(*) = 1${isKnown ? ` and min(cluster) in ('', ${cluster})` : ''})::int
  from tracehold.commit_origins`

/** Pages of a table that are gone through in one transaction, 8 MiB. */
const pagesAtOnce = 1_024
/** How long a transaction of it may take, in milliseconds. */
const longestMs = 600_000

/**
 * Transactions are numbered by the cluster, and rows keep the number. So rows of a dump that was restored into another
 * cluster may have numbers that it will only give out later: they would not be seen until then. The copy of a cluster, a
 * promoted replica and a clone of the database go on with the numbers, but not with what the other did meanwhile.
 */
export class PostgresCommitOrder implements CommitOrder {
  readonly #pool: Pick<Pool, 'rows' | 'location'> & PostgresTransactions
  #isKnown: boolean | undefined

  constructor(pool: Pick<Pool, 'rows' | 'location'> & PostgresTransactions) {
    this.#pool = pool
  }

  async now(since?: CommitPoint): Promise<CommitPoint> {
    this.#isKnown ??= (await this.#pool.rows(mayAsk, []))[0]?.[0] === 1
    const [row = []] = await this.#pool.rows(state(this.#isKnown), [])
    const [horizon, isStandby, database, line, origin, isOurs] = row
    if (isOurs !== 1) throw new RestoredError(this.#pool.location, { needsRestamp: true })
    const point = { horizon: Number(horizon), history: `${origin}.${database}.${line}` }
    // A standby may be behind the one that was asked before.
    const isBehind = since !== undefined && point.horizon < since.horizon && isStandby !== 1
    if (since && (isBehind || since.history !== point.history)) throw new RestoredError(this.#pool.location)
    return point
  }

  async restamp(onProgress?: (rows: number) => void): Promise<number> {
    const during = 'give rows new numbers'
    let rows = 0
    for (const entity of entities) {
      const table = tableName(entity)
      const pages = await this.#pool.withConnection(during, (connection) => pagesOf(connection, table))
      for (let page = 0; page < pages; page += pagesAtOnce) {
        rows += await this.#pool.transaction(during, (connection) => restampPages(connection, table, page), longestMs)
        onProgress?.(rows)
      }
    }
    await this.#pool.transaction(during, async (connection) => {
      await connection.query('lock table tracehold.commit_origins in exclusive mode')
      await connection.query('delete from tracehold.commit_origins')
      await insertOrigin(connection)
    })
    return rows
  }
}

/**
 * Notes that the numbers of the rows are those of this cluster, if nothing is noted and none is from elsewhere.
 */
export async function claimCommits(connection: pg.ClientBase): Promise<void> {
  const isForeign = entities.map(
    (entity) => `exists (select from ${tableName(entity)} where commit_seq > pg_current_xact_id())`,
  )
  const { rows } = await connection.query<{ is_open: boolean }>(
    `select not (exists (select from tracehold.commit_origins) or ${isForeign.join(' or ')}) as is_open`,
  )
  if (rows[0]?.is_open) await insertOrigin(connection)
}

async function insertOrigin(connection: pg.ClientBase): Promise<void> {
  const { rows } = await connection.query({ text: mayAsk, rowMode: 'array' })
  const text = `insert into tracehold.commit_origins (cluster, origin) select ${rows[0]?.[0] === 1 ? cluster : `''`}, $1`
  await connection.query(text, [randomUUID()])
}

async function pagesOf(connection: pg.ClientBase, table: string): Promise<number> {
  const { rows } = await connection.query<{ pages: string; is_bound: boolean }>(
    `select pg_relation_size($1::regclass) / current_setting('block_size')::int as pages,
      row_security_active($1::regclass) as is_bound`,
    [table],
  )
  if (rows[0]?.is_bound) {
    throw new QueryError('The role sees one project only. Give rows new numbers with the role that owns the tables.')
  }
  return Number(rows[0]?.pages)
}

/**
 * A number above our own is from elsewhere: this cluster has not given it out. Rows that it writes meanwhile, and what
 * becomes of those that are changed here, lie on other pages or have numbers that are right.
 */
async function restampPages(connection: pg.ClientBase, table: string, page: number): Promise<number> {
  await connection.query(`set local statement_timeout = ${longestMs}`)
  const { rowCount } = await connection.query(
    `update ${table} set commit_seq = pg_current_xact_id()
      where ctid >= $1::tid and ctid < $2::tid and commit_seq > pg_current_xact_id()`,
    [`(${page},0)`, `(${page + pagesAtOnce},0)`],
  )
  return rowCount ?? 0
}
