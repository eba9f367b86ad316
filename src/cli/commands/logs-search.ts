import { Command } from 'commander'
import { withStore } from '../database.ts'
import type { CommandIo } from '../io.ts'
import { type LogFilterOptions, logFilterOf, withLogFilters } from '../log-filters.ts'
import { renderLog } from '../log-line.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type RecordListOptions, withPages } from '../record-options.ts'

type SearchOptions = GlobalOptions & RecordListOptions & LogFilterOptions

/** `tracehold logs search` */
export function logsSearchCommand(io: CommandIo): Command {
  const command = new Command('search')
    .description('Find log lines by words, newest first; without words, list them.')
    .argument('[words...]', 'words that must be there; "a phrase" in quotes; after --, -word must not be there')
    .action((words: string[], _options, self: Command) => run(io, words, self.optsWithGlobals<SearchOptions>()))
  return withExamples(withPages(withLogFilters(command)), [
    'tracehold logs search timeout --level warn --since 24h',
    'tracehold logs search --service payments -- refund "card declined" -test',
  ])
}

async function run(io: CommandIo, words: readonly string[], options: SearchOptions): Promise<void> {
  const { since, until, limit, after, json } = options
  const filter = { ...logFilterOf(options, words), since, until }
  const { items, cursor } = await withStore(io, options, (store) => store.logs.list({ ...filter, limit, after }))
  if (json) {
    io.printJson({ items, cursor: cursor ?? null })
    return
  }
  if (items.length === 0) io.note('No log lines found.')
  for (const log of items) io.print(renderLog(log, io.colors))
  if (cursor !== undefined) io.note(io.noteColors.dim(`\nMore: add --after ${cursor}`))
}
