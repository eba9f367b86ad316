import { Command } from 'commander'
import type { Store } from '../../store/store.ts'
import { CommandError } from '../command-error.ts'
import { withWritableStore } from '../database.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { printable } from '../printable.ts'
import { reportError } from '../report-error.ts'
import { pruneWith, summaryOf } from './prune.ts'

interface Options extends GlobalOptions {
  dryRun?: boolean
  allProjects?: boolean
}

/** `tracehold maintain` */
export function maintainCommand(io: CommandIo): Command {
  const command = new Command('maintain')
    .summary('Do what the configuration says of the life of data.')
    .description(
      'Delete what is older than the configured retention (`retention:` in the configuration file). Made for cron: one ' +
        'process at a time works, and stopped, the next run goes on.',
    )
    .option('--all-projects', 'one project after the other; with --json a line for each')
    .option('--dry-run', 'only say what would be deleted')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<Options>()))
  return withExamples(command, [
    'tracehold maintain --dry-run',
    'tracehold maintain --all-projects',
    'TRACEHOLD_RETENTION_OLDER_THAN=30d tracehold maintain',
  ])
}

async function run(io: CommandIo, options: Options): Promise<void> {
  await withWritableStore(io, options, async (store, { retention }) => {
    const { keepUsage: _, ...ages } = retention
    if (Object.values(ages).every((age) => age === undefined)) {
      throw new CommandError('No retention is configured: there is nothing to maintain.', {
        nextStep: 'Write retention.older_than in the configuration file, or set TRACEHOLD_RETENTION_OLDER_THAN.',
      })
    }
    const maintain = async (one: Store) => {
      if (!options.dryRun) await one.forgetErasures()
      return pruneWith(io, one, retention, options)
    }
    if (!options.allProjects) {
      const report = await maintain(store)
      if (options.json) io.printJson(report)
      else io.print(summaryOf(report))
      return
    }
    for await (const projectId of store.projects()) {
      try {
        const report = await maintain(store.forProject(projectId))
        if (options.json) io.printJson({ projectId, ...report })
        else io.print(`${printable(projectId)}: ${summaryOf(report)}`)
      } catch (error) {
        // What one project meets, such as another process that maintains it, is no reason to leave the others.
        io.exitCode = 1
        reportError(io, error, { prefix: printable(projectId) })
      }
    }
  })
}
