import type { TraceSummary } from '../repositories/trace-rows.ts'
import { formatCount, formatDollars, formatDuration, formatShortTime, formatTokens, none } from './format.ts'
import { printable } from './printable.ts'
import { shortIdLength } from './short-ids.ts'
import { colorStatus, shownStatus } from './statuses.ts'
import type { Column } from './table.ts'

/** The columns of a list of traces that have something to show. */
export function traceColumns(items: readonly TraceSummary[]): Column<TraceSummary>[] {
  const idLength = shortIdLength(items.map(({ traceId }) => traceId))
  const hasAgents = items.some(({ name, agentName }) => agentName !== null && !name?.includes(agentName))
  const hasCosts = items.some(({ costUsd }) => costUsd !== null)
  return [
    { title: 'started', text: ({ startTime }) => formatShortTime(startTime) },
    {
      title: 'trace',
      text: ({ traceId }) => printable(traceId.slice(0, idLength)),
      color: (text, colors) => colors.cyan(text),
    },
    { title: 'name', text: ({ name }) => printable(name ?? none), minWidth: 12 },
    ...(hasAgents ? [{ title: 'agent', text: agentOf, minWidth: 8 }] : []),
    {
      title: 'status',
      text: shownStatus,
      color: (text, colors, row) => colorStatus(text, shownStatus(row), colors),
    },
    { title: 'duration', align: 'right', text: ({ durationMs }) => formatDuration(durationMs) },
    { title: 'spans', align: 'right', text: ({ spanCount }) => formatCount(spanCount) },
    { title: '✗', align: 'right', text: errorsOf, color: (text, colors) => colors.red(text) },
    { title: 'tokens', align: 'right', text: formatTokens },
    ...(hasCosts ? [{ title: 'cost', align: 'right' as const, text: costOf }] : []),
  ]
}

const agentOf = ({ agentName }: TraceSummary) => printable(agentName ?? none)

const errorsOf = ({ errorCount }: TraceSummary) => (errorCount > 0 ? formatCount(errorCount) : '')

const costOf = ({ costUsd }: TraceSummary) => formatDollars(costUsd)
