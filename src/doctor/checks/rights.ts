import { getTableName } from 'drizzle-orm'
import type { ClickHousePool } from '../../engines/clickhouse/pool.ts'
import type { PostgresPool } from '../../engines/postgres/pool.ts'
import { type Finding, failed, many, ok, skipped, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

const grant = 'Give it the rights of a writer or a reader: tracehold roles print | psql ADMIN_URL'

/** What the role may do with every table, also those that a later migration made. */
export async function checkRights({ pool, target }: Subject): Promise<Finding> {
  if (pool.engine === 'postgres') return postgresRights(pool)
  if (pool.engine === 'sqlite') return skipped('SQLite knows no roles; what counts is who may write the file')
  if (target.engine === 'clickhouse' && 'path' in target.place) return skipped('the engine runs in this process')
  return clickhouseRights(pool)
}

// A table without project_id is none that a store writes.
const lacking = `select current_user, relname, (
    select string_agg(kind, ', ') from unnest(array['select', 'insert', 'update', 'delete']) as kind
    where not has_table_privilege(pg_class.oid, kind))
  from pg_class where relnamespace = to_regnamespace('tracehold') and relkind in ('r', 'p') and not relispartition
    and relname <> 'project_roles'
    and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'project_id')
  order by relname`
// Not to_regclass, which fails where the schema may not be used.
const schemaRights = `select current_user, has_schema_privilege(pg_namespace.oid, 'usage')::int, coalesce((
    select has_table_privilege(pg_class.oid, 'select')::int from pg_class
    where relnamespace = pg_namespace.oid and relname = 'migrations'), 1)
  from pg_namespace where nspname = 'tracehold'`

async function postgresRights(pool: PostgresPool): Promise<Finding> {
  const [schema] = await pool.rows(schemaRights, [])
  if (!schema) return skipped('there are no tables yet')
  const [role, mayUse, mayReadMigrations] = schema
  if (mayUse === 0) return { ...failed(`${role} has no right on the schema tracehold`, grant), blocks: true }
  if (mayReadMigrations === 0) return { ...failed(`${role} may not read tracehold.migrations`, grant), blocks: true }
  const rows = (await pool.rows(lacking, [])) as [string, string, string | null][]
  if (rows.length === 0) return skipped('there are no tables yet')
  const lacks = rows.filter(([, , kinds]) => kinds !== null)
  const tables = many(rows.length, 'table')
  if (lacks.length === 0) return ok(`${role} reads and writes ${tables}`)
  if (rows.every(([, , kinds]) => kinds === 'insert, update, delete')) {
    const nextStep = 'That is right for a reader. For a writer: tracehold roles print | psql ADMIN_URL'
    return warning(`${role} reads ${tables} and writes none`, nextStep)
  }
  return failed(`${role} lacks ${lacks.map(([, table, kinds]) => `${kinds} on ${table}`).join('; ')}`, grant)
}

/** The writers' own tables in ClickHouse. */
const internalTables = ['authored_traces', 'trace_times']

/**
 * ClickHouse: an insert of nothing needs every right that an insert needs, and changes nothing. A delete of nothing
 * would rewrite parts: whether the user may delete is not looked at.
 */
async function clickhouseRights(pool: ClickHousePool): Promise<Finding> {
  const names = [...Object.values(pool.tables).map(getTableName), ...internalTables]
  const [row] = await pool.rows(
    "select count() from system.tables where database = currentDatabase() and name = 'traces'",
    [],
  )
  if (Number(row?.[0]) === 0) return skipped('there are no tables yet')
  for (const name of names) {
    await pool.command(`insert into ${name} select * from ${name} where 0`, { during: `write nothing to ${name}` })
  }
  // Those who follow rows ask it what is still being stored.
  await pool.rows('select count() from system.processes where 0', [])
  return ok(`the user reads and writes ${many(names.length, 'table')}`)
}
