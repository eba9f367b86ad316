import { Command } from 'commander'
import { rolesDefaults, rolesSql } from '../../roles/roles-sql.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

interface RolesCommandOptions extends GlobalOptions {
  owner: string
  writer: string
  reader: string
  rowLevelSecurity: boolean
}

/** `tracehold roles` */
export function rolesCommand(io: CommandIo): Command {
  return new Command('roles').description('Roles and rights in PostgreSQL.').addCommand(printCommand(io))
}

function printCommand(io: CommandIo): Command {
  const { owner, writer, reader, rowLevelSecurity } = rolesDefaults
  const command = new Command('print')
    .summary('Print the SQL of an owner, a writer and a reader role.')
    .description(
      'Print the SQL that makes an owner, a writer and a reader role in PostgreSQL, or brings their rights up to date. ' +
        'Connects to nothing; safe to run again, before and after migrations.',
    )
    .option('--owner <name>', 'the role that migrates', owner)
    .option('--writer <name>', 'the role that stores', writer)
    .option('--reader <name>', 'the role that reads', reader)
    .option(
      '--row-level-security',
      'bind roles to the projects that tracehold.project_roles gives them',
      rowLevelSecurity,
    )
    .action((_options, self: Command) => run(io, self.optsWithGlobals<RolesCommandOptions>()))
  return withExamples(command, [
    'tracehold roles print --writer app_writer --reader app_reader | psql "$ADMIN_URL"',
    'tracehold roles print --row-level-security > roles.sql',
  ])
}

function run(io: CommandIo, { owner, writer, reader, rowLevelSecurity, json }: RolesCommandOptions): void {
  const sql = rolesSql({ owner, writer, reader, rowLevelSecurity })
  if (json) io.printJson({ owner, writer, reader, rowLevelSecurity, sql })
  else io.print(sql.trimEnd())
}
