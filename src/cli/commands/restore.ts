import { resolve } from 'node:path'
import { Command } from 'commander'
import { chosenTarget } from '../database.ts'
import { formatBytes } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

interface Options extends GlobalOptions {
  replace?: boolean
}

/** `tracehold restore` */
export function restoreCommand(io: CommandIo): Command {
  const command = new Command('restore')
    .summary('Put a backup in the place of an SQLite database.')
    .description(
      'Put a backup in the place of an SQLite database. It is checked first. No process may have the database open.',
    )
    .argument('<file>', 'what `tracehold backup` wrote, or another copy of the file')
    .option('--replace', 'the database that is there goes')
    .action((file: string, _options, self: Command) => run(io, file, self.optsWithGlobals<Options>()))
  return withExamples(command, ['tracehold restore backups/traces.db --replace'])
}

async function run(io: CommandIo, file: string, options: Options): Promise<void> {
  const { restoreDatabase } = await import('../../engines/backup.ts')
  const { url, location } = await chosenTarget(io, options)
  const { bytes } = await restoreDatabase(url, resolve(io.cwd, file), { replace: options.replace, cwd: io.cwd })
  if (options.json) io.printJson({ location, bytes })
  else io.print(`Restored ${formatBytes(bytes)} to ${location}.`)
}
