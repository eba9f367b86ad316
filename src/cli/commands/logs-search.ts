import { Command } from 'commander'
import type { LogOrder } from '../../repositories/entities/logs.ts'
import type { LogSummary } from '../../repositories/log-rows.ts'
import type { Page } from '../../repositories/page.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import type { CommandIo } from '../io.ts'
import { renderLog } from '../log-line.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type ListOptions, pageOf, withPages } from '../page-options.ts'
import { printCount } from '../print-page.ts'
import { searchOf } from '../search-words.ts'

type SearchOptions = GlobalOptions & ListOptions<LogOrder>

const orders = { time: true, severity: true } as const

/** `tracehold logs search` */
export function logsSearchCommand(io: CommandIo): Command {
  const command = new Command('search')
    .description('Find log lines by words, newest first; without words, list them.')
    .argument('[words...]', 'words that must be there; "a phrase" in quotes; after --, -word must not be there')
    .action((words: string[], _options, self: Command) => run(io, words, self.optsWithGlobals<SearchOptions>()))
  return withExamples(withFilters(withPages<LogOrder>(command, orders), 'logs'), [
    'tracehold logs search timeout --level warn --since 24h',
    'tracehold logs search --service payments -- refund "card declined" -test',
  ])
}

async function run(io: CommandIo, words: readonly string[], options: SearchOptions): Promise<void> {
  const filter = filterOf('logs', options, { search: searchOf(words) })
  await withStore(io, options, async ({ logs }) => {
    if (options.count) printCount(io, await logs.count(filter), options)
    else printLogs(io, await logs.list({ ...filter, ...pageOf(options) }), options)
  })
}

function printLogs(io: CommandIo, { items, cursor }: Page<LogSummary>, { json }: GlobalOptions): void {
  if (json) {
    io.printJson({ items, cursor: cursor ?? null })
    return
  }
  if (items.length === 0) io.note('No log lines found.')
  for (const log of items) io.print(renderLog(log, io.colors))
  if (cursor !== undefined) io.note(io.noteColors.dim(`\nMore: add --after ${cursor}`))
}
