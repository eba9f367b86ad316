import { type Finding, failed, many, ok, skipped } from '../finding.ts'
import type { Subject } from '../subject.ts'

const tables = `select relname, relrowsecurity::int, row_security_active(pg_class.oid)::int
  from pg_class where relnamespace = to_regnamespace('tracehold') and relkind in ('r', 'p') and relname <> 'project_roles'
    and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'project_id')
  order by relname`
const mayReadProjects = `select from pg_class where relnamespace = to_regnamespace('tracehold')
  and relname = 'project_roles' and has_table_privilege(oid, 'select')`
const projects = `select count(*)::int, count(*) filter (where project_id = $1)::int from tracehold.project_roles
  where pg_has_role(role, 'usage')`

/** Where tenants are kept apart by the server: whether that holds for every table, and what this role may see. */
export async function checkRowSecurity({ pool, config }: Subject): Promise<Finding> {
  if (pool.engine !== 'postgres') return skipped('only PostgreSQL has row-level security')
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
  const [counts] = (await pool.rows(projects, [config.projectId])) as [number, number][]
  const [all = 0, own = 0] = counts ?? []
  if (own > 0) return ok(`on; this role sees ${many(all, 'project')}`)
  const nextStep = `As the owner: insert into tracehold.project_roles values ('ROLE'::regrole, 'PROJECT')`
  return failed(`this role may not see the project '${config.projectId}'`, nextStep)
}
