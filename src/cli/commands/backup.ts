import { resolve } from 'node:path'
import { Command } from 'commander'
import { chosenTarget } from '../database.ts'
import { formatBytes } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

/** `tracehold backup` */
export function backupCommand(io: CommandIo): Command {
  const command = new Command('backup')
    .summary('Write a consistent copy of an SQLite database.')
    .description(
      'Write a copy of an SQLite database, as of one moment, to a new file, while others read and write; then check it. ' +
        'PostgreSQL and ClickHouse have tools of their own: docs/backup.md.',
    )
    .argument('<file>', 'a new file')
    .action((file: string, _options, self: Command) => run(io, file, self.optsWithGlobals<GlobalOptions>()))
  return withExamples(command, ['tracehold backup backups/traces.db', 'tracehold backup copy.db --db sqlite:traces.db'])
}

async function run(io: CommandIo, file: string, options: GlobalOptions): Promise<void> {
  const { backupDatabase } = await import('../../engines/backup.ts')
  const { url, location } = await chosenTarget(io, options)
  const to = resolve(io.cwd, file)
  const { bytes } = await backupDatabase(url, to, { cwd: io.cwd })
  if (options.json) io.printJson({ file: to, bytes })
  else io.print(`Wrote ${formatBytes(bytes)} of ${location} to ${to}, and checked it.`)
}
