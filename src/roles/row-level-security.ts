import { block, quoteName } from './quote.ts'
import type { RoleNames } from './role-names.ts'

/** The table that says which projects a role may see. */
export const projectRoles = 'tracehold.project_roles'

/**
 * Policies bound to the role. A setting of the session would be simpler, but whoever can run SQL can change it; a role
 * cannot make itself another, and only the owner writes the table. The array is read once for each statement, so that
 * the queries keep their indexes. Not forced on the owner, who migrates, dumps and deletes across projects.
 */
export const rowLevelSecurity = ({ owner }: RoleNames): string => `\
-- Which projects a role may read and write: its own, and those of the roles whose rights it has.
create table if not exists ${projectRoles} (
  role regrole not null, project_id text collate "C" not null, primary key (role, project_id)
);
alter table ${projectRoles} owner to ${quoteName(owner)};
alter table ${projectRoles} enable row level security;
drop policy if exists own_projects on ${projectRoles};
create policy own_projects on ${projectRoles} for select using (pg_has_role(role, 'usage'));
${block(`declare
  item regclass;
begin
  for item in select attrelid from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'tracehold'::regnamespace and relkind in ('r', 'p')
      and attname = 'project_id' and attrelid <> '${projectRoles}'::regclass
  loop
    execute format('alter table %s enable row level security', item);
    execute format('drop policy if exists own_projects on %s', item);
    execute format('create policy own_projects on %s using (project_id = any (array(
      select project_id from ${projectRoles} where pg_has_role(role, ''usage''))))', item);
  end loop;
end`)}`
