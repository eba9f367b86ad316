import { Command } from 'commander'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import type { CommandIo } from '../io.ts'
import { renderLog } from '../log-line.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { searchOf } from '../search-words.ts'
import { type TailChoices, withTail } from '../tail-options.ts'

type TailOptions = GlobalOptions & TailChoices

/** `tracehold logs tail` */
export function logsTailCommand(io: CommandIo): Command {
  const command = new Command('tail')
    .description('Show the last log lines, then new ones as they are stored, until Ctrl-C.')
    .argument('[words...]', 'words that must be there, as logs search takes them')
    .action((words: string[], _options, self: Command) => run(io, words, self.optsWithGlobals<TailOptions>()))
  return withExamples(withFilters(withTail(command, 'lines'), 'logs'), [
    'tracehold logs tail --level error',
    'tracehold logs tail -n 0 --json | jq .body',
  ])
}

async function run(io: CommandIo, words: readonly string[], options: TailOptions): Promise<void> {
  const { lines, once, json } = options
  const filter = filterOf('logs', options, { search: searchOf(words) })
  await withStore(io, options, async ({ logs }) => {
    for await (const log of logs.tail({ ...filter, lines, once, signal: io.signal, pollMs: 500 })) {
      io.print(json ? JSON.stringify(log) : renderLog(log, io.colors))
    }
  })
}
