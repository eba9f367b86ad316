import { migrationsTable } from '../engines/postgres/migrations-table.ts'
import { withoutUndefined } from '../without-undefined.ts'
import { block, quoteName, quoteText } from './quote.ts'
import { checkRoleNames, type RoleNames } from './role-names.ts'
import { projectRoles, rowLevelSecurity } from './row-level-security.ts'

/** The roles of a PostgreSQL database that holds traces. Names are taken as they stand, capitals included. */
export interface RolesOptions {
  /** Owns the schema and its tables, and migrates. @default 'tracehold_owner' */
  owner?: string | undefined
  /** Stores and deletes rows. It also reads them: a row is replaced only after a look at what is stored. @default 'tracehold_writer' */
  writer?: string | undefined
  /** Reads every table and writes none. @default 'tracehold_reader' */
  reader?: string | undefined
  /**
   * Bind every role but the owner to the projects that `tracehold.project_roles` gives it. COPY is refused to such a
   * role, and its writers insert instead. @default false
   */
  rowLevelSecurity?: boolean | undefined
}

export const rolesDefaults = {
  owner: 'tracehold_owner',
  writer: 'tracehold_writer',
  reader: 'tracehold_reader',
  rowLevelSecurity: false,
} as const satisfies Required<RolesOptions>

type Settings = RoleNames & { readonly rowLevelSecurity: boolean }

/**
 * The SQL that makes an owner, a writer and a reader in PostgreSQL, or brings their rights up to date. It may run before
 * the first migration or after any, and again; what the roles hold on the schema is set anew each time. Roles that are
 * there stay as they are; new ones have no password.
 *
 * @throws ValidationError for a name that PostgreSQL would refuse, cut or take for another
 *
 * @example
 * await admin.query(rolesSql({ writer: 'app_writer', reader: 'app_reader' }))
 */
export function rolesSql(options: RolesOptions = {}): string {
  const roles: Settings = { ...rolesDefaults, ...withoutUndefined(options) }
  checkRoleNames(roles)
  const parts = [
    introduction,
    'begin;\nset local client_min_messages = warning;',
    createRoles(roles),
    createSchema(roles),
    roles.rowLevelSecurity ? rowLevelSecurity(roles) : refuseWithRowLevelSecurity,
    grants(roles),
    futureTables(roles),
    'commit;',
  ]
  return `${parts.join('\n\n')}\n`
}

const introduction = `-- The roles of tracehold: an owner, who migrates; a writer; a reader.
-- Run this in the database that holds the traces, as a superuser, or as the database's owner with the right to create
-- roles. It may run before the first migration or after any, and again: the roles' rights on the schema are set anew.
-- A new role has no password. Give it one: \\password NAME`

function createRoles({ owner, writer, reader }: RoleNames): string {
  const create = [owner, writer, reader].map(
    (name) => `  if not exists (select from pg_roles where rolname = ${quoteText(name)}) then
    create role ${quoteName(name)} login;
  end if;`,
  )
  return block(`begin
${create.join('\n')}
  -- Only a member of the owner may give it tables; a superuser is one of every role.
  if current_user <> ${quoteText(owner)} and not (select rolsuper from pg_roles where rolname = current_user) then
    grant ${quoteName(owner)} to current_user;
  end if;
  execute format('grant connect, create on database %I to %I', current_database(), ${quoteText(owner)});
  execute format('grant connect on database %I to %I, %I', current_database(), ${quoteText(writer)}, ${quoteText(reader)});
end`)
}

function createSchema({ owner }: RoleNames): string {
  const name = quoteText(owner)
  return `create schema if not exists tracehold;
alter schema tracehold owner to ${quoteName(owner)};
-- Made here so that the writer never gets rights on it.
${migrationsTable};
${block(`declare
  item regclass;
begin
  for item in select oid from pg_class
    where relnamespace = 'tracehold'::regnamespace and relkind in ('r', 'p', 'v', 'm')
      and pg_get_userbyid(relowner) <> ${name}
  loop
    execute format('alter table %s owner to %I', item, ${name});
  end loop;
end`)}`
}

function grants({ writer, reader }: RoleNames): string {
  const [w, r] = [quoteName(writer), quoteName(reader)]
  return `revoke all on schema tracehold from public, ${w}, ${r};
grant usage on schema tracehold to ${w}, ${r};
revoke all on all tables in schema tracehold from public, ${w}, ${r};
grant select on all tables in schema tracehold to ${r};
-- The writer reads too: it looks for the keys of a batch, replaces a row only by a newer one, and sums up spans.
grant select, insert, update, delete on all tables in schema tracehold to ${w};
revoke insert, update, delete on tracehold.migrations from ${w};
${block(`begin
  if to_regclass('${projectRoles}') is not null then
    revoke insert, update, delete on ${projectRoles} from ${w};
  end if;
end`)}`
}

function futureTables({ owner, writer, reader, rowLevelSecurity }: Settings): string {
  const lead = `alter default privileges for role ${quoteName(owner)} in schema tracehold`
  if (!rowLevelSecurity) {
    return `-- Tables of later migrations.
${lead} grant select on tables to ${quoteName(reader)};
${lead} grant select, insert, update, delete on tables to ${quoteName(writer)};`
  }
  return `-- A table of a later migration has no policy: it stays closed until this has run again.
${lead} revoke all on tables from ${quoteName(reader)}, ${quoteName(writer)};`
}

const refuseWithRowLevelSecurity = block(`begin
  if to_regclass('${projectRoles}') is not null then
    raise exception 'Row-level security is on. Print these roles with --row-level-security.';
  end if;
end`)
