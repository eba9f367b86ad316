import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import copy from 'pg-copy-streams'
import { openPool } from '../../src/engines/open-pool.ts'
import { Migrator } from '../../src/migrations/migrator.ts'

/** As a dump has them: each table with its columns. */
const tables = `select format('%I.%I', table_schema, table_name) as name,
    string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns
  from information_schema.columns where table_schema = 'tracehold' and is_generated = 'NEVER'
  group by table_schema, table_name`
const noteMigrations = `create table tracehold.migrations (
  version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())`

/**
 * What pg_dump and pg_restore do, which the npm package of the server does not bring: the tables with all their rows, the
 * internal ones too, come into an empty database of any server.
 */
export async function dumpAndRestore(from: string, to: string): Promise<void> {
  const pool = await openPool({ url: to })
  await pool.close()
  const [source, target] = [new pg.Client(from), new pg.Client(to)]
  await Promise.all([source.connect(), target.connect()])
  try {
    await new Migrator(pool).apply(0, (statement) => target.query(statement))
    await target.query(noteMigrations)
    await source.query('begin isolation level repeatable read')
    const { rows } = await source.query<{ name: string; columns: string }>(tables)
    for (const { name, columns } of rows) {
      await pipeline(
        source.query(copy.to(`copy ${name} (${columns}) to stdout`)),
        target.query(copy.from(`copy ${name} (${columns}) from stdin`)),
      )
    }
  } finally {
    await Promise.all([source.end(), target.end()])
  }
}
