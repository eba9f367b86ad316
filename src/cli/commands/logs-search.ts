import { Command } from 'commander'
import { withStore } from '../database.ts'
import { type LogFilterOptions, logFilterOf, withLogFilters } from '../log-filters.ts'
import { renderLog } from '../log-line.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { colors, note, noteColors, print, printJson } from '../output.ts'
import { type RecordListOptions, withPages } from '../record-options.ts'

type SearchOptions = GlobalOptions & RecordListOptions & LogFilterOptions

/** `tracehold logs search` */
export function logsSearchCommand(): Command {
  const command = new Command('search')
    .description('Find log lines by words, newest first; without words, list them.')
    .argument('[words...]', 'words that must be there; "a phrase" in quotes; after --, -word must not be there')
    .action((words: string[], _options, self: Command) => run(words, self.optsWithGlobals<SearchOptions>()))
  return withExamples(withPages(withLogFilters(command)), [
    'tracehold logs search timeout --level warn --since 24h',
    'tracehold logs search --service payments -- refund "card declined" -test',
  ])
}

async function run(words: readonly string[], options: SearchOptions): Promise<void> {
  const { since, until, limit, after, json } = options
  const filter = { ...logFilterOf(options, words), since, until }
  const { items, cursor } = await withStore(options, (store) => store.logs.list({ ...filter, limit, after }))
  if (json) {
    printJson({ items, cursor: cursor ?? null })
    return
  }
  if (items.length === 0) note('No log lines found.')
  for (const log of items) print(renderLog(log, colors))
  if (cursor !== undefined) note(noteColors.dim(`\nMore: add --after ${cursor}`))
}
