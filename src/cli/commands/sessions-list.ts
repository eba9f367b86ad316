import { Command } from 'commander'
import type { Session, SessionOrder } from '../../repositories/session-sums.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatCount, formatDollars, formatDuration, formatShortTime, formatTokens, none } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type ListOptions, pageOf, withPages } from '../page-options.ts'
import { printCount, printPage } from '../print-page.ts'
import { printable } from '../printable.ts'
import type { Column } from '../table.ts'

const orders = { time: true, start: true, duration: true, cost: true, tokens: true, traces: true } as const

/** `tracehold sessions list` */
export function sessionsListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description(
      'List sessions (conversations), the one with the newest trace first. The filters say which traces count.',
    )
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions & ListOptions<SessionOrder>>()))
  return withExamples(withFilters(withPages<SessionOrder>(command, orders), 'traces'), [
    'tracehold sessions list --user u-17 --since 7d',
    'tracehold sessions list --order cost --limit 10',
    'tracehold traces list --session conversation-3',
  ])
}

async function run(io: CommandIo, options: GlobalOptions & ListOptions<SessionOrder>): Promise<void> {
  const filter = filterOf('traces', options)
  await withStore(io, options, async ({ sessions }) => {
    if (options.count) printCount(io, await sessions.count(filter), options)
    else {
      const page = await sessions.list({ ...filter, ...pageOf(options) })
      printPage(io, page, { json: options.json, noun: 'sessions', columnsFor })
    }
  })
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
