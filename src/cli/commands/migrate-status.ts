import { Command } from 'commander'
import { withExistingPool } from '../database.ts'
import { formatTime } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

/** `tracehold migrate status` */
export function migrateStatusCommand(io: CommandIo): Command {
  const command = new Command('status')
    .description('Show which migrations were applied and which are pending. Changes nothing.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions>()))
  return withExamples(command, ['tracehold migrate status', 'tracehold migrate status --json'])
}

function run(io: CommandIo, options: GlobalOptions): Promise<void> {
  return withExistingPool(io, options, async (pool) => {
    const { Migrator } = await import('../../migrations/migrator.ts')
    const { current, latest, applied, pending } = await new Migrator(pool).status()
    if (options.json) {
      io.printJson({ current, latest, applied, pending: pending.map(({ version, name }) => ({ version, name })) })
      return
    }
    const { colors } = io
    io.print(`${pool.location}: schema version ${current} of ${latest}`)
    for (const { version, name, appliedAt } of applied) {
      io.print(`${colors.green('✓')} ${version} ${name}  ${colors.dim(formatTime(appliedAt))}`)
    }
    for (const { version, name } of pending)
      io.print(`${colors.yellow('○')} ${version} ${name}  ${colors.dim('pending')}`)
    if (pending.length > 0) io.print('\nApply them: tracehold migrate')
  })
}
