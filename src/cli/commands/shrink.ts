import { Command } from 'commander'
import { chosenTarget } from '../database.ts'
import { formatBytes } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

/** `tracehold shrink` */
export function shrinkCommand(io: CommandIo): Command {
  const command = new Command('shrink')
    .summary('Give the room of deleted rows back to the disk (SQLite).')
    .description(
      'Copy an SQLite file without its free pages, check the copy, and put it in the place of the file. It takes little ' +
        'memory, and as much room on the disk as the file holds. No process may have the database open.',
    )
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions>()))
  return withExamples(command, ['tracehold prune --older-than 30d && tracehold shrink'])
}

async function run(io: CommandIo, options: GlobalOptions): Promise<void> {
  const { shrinkDatabase } = await import('../../engines/backup.ts')
  const { url, location } = await chosenTarget(io, options)
  const { bytes, bytesBefore } = await shrinkDatabase(url, { cwd: io.cwd })
  if (options.json) io.printJson({ location, bytes, bytesBefore })
  else io.print(`${location} takes ${formatBytes(bytes)} now, and took ${formatBytes(bytesBefore)}.`)
}
