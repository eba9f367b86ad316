import { type Finding, failed, many, ok, skipped, warning } from '../finding.ts'
import type { Pool } from '../pool.ts'

type Reads = Pick<Pool, 'rows'>

const grant = 'Give it the rights of a writer or a reader: tracehold roles print | psql ADMIN_URL'

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

/** What the role may do with every table, also those that a later migration made. */
export async function checkRights(pool: Reads): Promise<Finding> {
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

const tables = `select relname, relrowsecurity::int, row_security_active(pg_class.oid)::int
  from pg_class where relnamespace = to_regnamespace('tracehold') and relkind in ('r', 'p') and relname <> 'project_roles'
    and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'project_id')
  order by relname`
const mayReadProjects = `select from pg_class where relnamespace = to_regnamespace('tracehold')
  and relname = 'project_roles' and has_table_privilege(oid, 'select')`
const projects = `select count(*)::int, count(*) filter (where project_id = $1)::int from tracehold.project_roles
  where pg_has_role(role, 'usage')`

/** Whether the server keeps projects apart in every table, and what this role may see. */
export async function checkRowSecurity(pool: Reads, projectId: string): Promise<Finding> {
  const rows = (await pool.rows(tables, [])) as [string, number, number][]
  const open = rows.filter(([, isOn]) => isOn === 0).map(([name]) => name)
  if (open.length === rows.length) return skipped('it is off: a role sees every project')
  if (open.length > 0) {
    return failed(
      `off for ${open.join(', ')}, on for the others`,
      'Run: tracehold roles print --row-level-security | psql ADMIN_URL',
    )
  }
  if (rows.every(([, , isActive]) => isActive === 0)) return ok('on, and this role is above it: it sees every project')
  const [known] = await pool.rows(mayReadProjects, [])
  if (!known) return ok('on, with policies of your own')
  const [counts] = (await pool.rows(projects, [projectId])) as [number, number][]
  const [all = 0, own = 0] = counts ?? []
  if (own > 0) return ok(`on; this role sees ${many(all, 'project')}`)
  const nextStep = `As the owner: insert into tracehold.project_roles values ('ROLE'::regrole, 'PROJECT')`
  return failed(`this role may not see the project '${projectId}'`, nextStep)
}
