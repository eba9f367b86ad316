import { Command } from 'commander'
import type { TraceSummary } from '../../repositories/trace-repository.ts'
import { withStore } from '../database.ts'
import { type FilterOptions, filterOf, withFilters } from '../filters.ts'
import { formatCount, formatDollars, formatDuration, formatShortTime, formatTokens, none } from '../format.ts'
import { type GlobalOptions, positiveInteger, withExamples } from '../options.ts'
import { colors, note, noteColors, print, printJson, terminalWidth } from '../output.ts'
import { printable } from '../printable.ts'
import { shortIdLength } from '../short-ids.ts'
import { colorStatus } from '../statuses.ts'
import { type Column, renderTable } from '../table.ts'

interface ListOptions extends GlobalOptions, FilterOptions {
  limit?: number
  after?: string
}

/** `tracehold traces list` */
export function tracesListCommand(): Command {
  const command = new Command('list')
    .description('List traces, newest first.')
    .option('--limit <count>', 'how many, at most 1000 (default: 50)', positiveInteger)
    .option('--after <cursor>', 'go on where the page before ended')
    .action((_options, self: Command) => run(self.optsWithGlobals<ListOptions>()))
  return withExamples(withFilters(command), [
    'tracehold traces list --since 24h --status error',
    'tracehold traces list --agent airline --limit 10 --json',
  ])
}

async function run(options: ListOptions): Promise<void> {
  const { limit, after, json } = options
  const { items, cursor } = await withStore(options, (store) =>
    store.traces.list({ ...filterOf(options), limit, after }),
  )
  if (json) {
    printJson({ items, cursor: cursor ?? null })
    return
  }
  if (items.length === 0) {
    note('No traces found.')
    return
  }
  const idLength = shortIdLength(items.map(({ traceId }) => traceId))
  for (const line of renderTable(columnsFor(items, idLength), items, { width: terminalWidth(), colors })) print(line)
  if (cursor !== undefined) note(noteColors.dim(`\nMore: add --after ${cursor}`))
}

/** The columns that have something to show. */
function columnsFor(items: readonly TraceSummary[], idLength: number): Column<TraceSummary>[] {
  const hasAgents = items.some(({ name, agentName }) => agentName !== null && !name?.includes(agentName))
  const hasCosts = items.some(({ costUsd }) => costUsd !== null)
  return [
    { title: 'started', text: ({ startTime }) => formatShortTime(startTime) },
    {
      title: 'trace',
      text: ({ traceId }) => printable(traceId.slice(0, idLength)),
      color: (text) => colors.cyan(text),
    },
    { title: 'name', text: ({ name }) => printable(name ?? none), minWidth: 12 },
    ...(hasAgents ? [{ title: 'agent', text: agentOf, minWidth: 8 }] : []),
    { title: 'status', text: ({ status }) => status, color: (text, { status }) => colorStatus(text, status, colors) },
    { title: 'duration', align: 'right', text: ({ durationMs }) => formatDuration(durationMs) },
    { title: 'spans', align: 'right', text: ({ spanCount }) => formatCount(spanCount) },
    { title: '✗', align: 'right', text: errorsOf, color: (text) => colors.red(text) },
    { title: 'tokens', align: 'right', text: formatTokens },
    ...(hasCosts ? [{ title: 'cost', align: 'right' as const, text: costOf }] : []),
  ]
}

const agentOf = ({ agentName }: TraceSummary) => printable(agentName ?? none)

const errorsOf = ({ errorCount }: TraceSummary) => (errorCount > 0 ? formatCount(errorCount) : '')

const costOf = ({ costUsd }: TraceSummary) => formatDollars(costUsd)
