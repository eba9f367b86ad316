import { Command } from 'commander'
import { withExistingPool } from '../database.ts'
import { formatTime } from '../format.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { colors, print, printJson } from '../output.ts'

/** `tracehold migrate status` */
export function migrateStatusCommand(): Command {
  const command = new Command('status')
    .description('Show which migrations were applied and which are pending. Changes nothing.')
    .action((_options, self: Command) => run(self.optsWithGlobals<GlobalOptions>()))
  return withExamples(command, ['tracehold migrate status', 'tracehold migrate status --json'])
}

function run(options: GlobalOptions): Promise<void> {
  return withExistingPool(options, async (pool) => {
    const { Migrator } = await import('../../migrations/migrator.ts')
    const { current, latest, applied, pending } = await new Migrator(pool).status()
    if (options.json) {
      printJson({ current, latest, applied, pending: pending.map(({ version, name }) => ({ version, name })) })
      return
    }
    print(`${pool.location}: schema version ${current} of ${latest}`)
    for (const { version, name, appliedAt } of applied) {
      print(`${colors.green('✓')} ${version} ${name}  ${colors.dim(formatTime(appliedAt))}`)
    }
    for (const { version, name } of pending) print(`${colors.yellow('○')} ${version} ${name}  ${colors.dim('pending')}`)
    if (pending.length > 0) print('\nApply them: tracehold migrate')
  })
}
