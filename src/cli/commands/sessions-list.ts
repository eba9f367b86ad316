import { Command } from 'commander'
import type { Session } from '../../repositories/session-sums.ts'
import { withStore } from '../database.ts'
import { traceFilterOf, withFilters } from '../filters/filters.ts'
import { formatCount, formatDollars, formatDuration, formatShortTime, formatTokens, none } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type PlaceOptions, withPlace } from '../page-options.ts'
import { printPage } from '../print-page.ts'
import { printable } from '../printable.ts'
import type { Column } from '../table.ts'

/** `tracehold sessions list` */
export function sessionsListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description(
      'List sessions (conversations), the one with the newest trace first. The filters say which traces count.',
    )
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions & PlaceOptions>()))
  return withExamples(withFilters(withPlace(command), 'traces'), [
    'tracehold sessions list --user u-17 --since 7d',
    'tracehold traces list --session conversation-3',
  ])
}

async function run(io: CommandIo, options: GlobalOptions & PlaceOptions): Promise<void> {
  const { limit, after, json } = options
  const page = await withStore(io, options, ({ sessions }) =>
    sessions.list({ ...traceFilterOf(options), limit, after }),
  )
  printPage(io, page, { json, noun: 'sessions', columnsFor })
}

/** The columns that have something to show. */
function columnsFor(items: readonly Session[]): Column<Session>[] {
  const named = (title: string, key: 'userId' | 'agentName'): Column<Session>[] =>
    items.some((item) => item[key] !== null)
      ? [{ title, text: (session) => printable(session[key] ?? none), minWidth: 8 }]
      : []
  return [
    { title: 'last', text: ({ lastStart }) => formatShortTime(lastStart) },
    // In full: it is what --session takes.
    { title: 'session', text: ({ sessionId }) => printable(sessionId), color: (text, colors) => colors.cyan(text) },
    ...named('user', 'userId'),
    ...named('agent', 'agentName'),
    { title: 'traces', align: 'right', text: ({ traces }) => formatCount(traces) },
    { title: 'spans', align: 'right', text: ({ spans }) => formatCount(spans) },
    {
      title: '✗',
      align: 'right',
      text: ({ errors }) => (errors > 0 ? formatCount(errors) : ''),
      color: (text, colors) => colors.red(text),
    },
    { title: 'duration', align: 'right', text: ({ durationMs }) => formatDuration(durationMs) },
    { title: 'tokens', align: 'right', text: formatTokens },
    ...(items.some(({ costUsd }) => costUsd > 0)
      ? [{ title: 'cost', align: 'right' as const, text: ({ costUsd }: Session) => formatDollars(costUsd) }]
      : []),
  ]
}
