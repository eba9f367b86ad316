import type { SpanSummary } from '../repositories/span-rows.ts'
import { formatDollars, formatDuration, formatShortTime, formatTokens, none } from './format.ts'
import { printable } from './printable.ts'
import { shortIdLength } from './short-ids.ts'
import { colorStatus, shownStatus } from './statuses.ts'
import type { Column } from './table.ts'

/** The columns of a list of spans that have something to show. */
export function spanColumns(items: readonly SpanSummary[]): Column<SpanSummary>[] {
  const traceLength = shortIdLength(items.map(({ traceId }) => traceId))
  const spanLength = shortIdLength(items.map(({ spanId }) => spanId))
  const has = (key: keyof SpanSummary) => items.some((item) => item[key] !== null)
  const named = (title: string, key: 'model' | 'toolName'): Column<SpanSummary>[] =>
    items.some((item) => item[key] !== null && !item.name.includes(item[key]))
      ? [{ title, text: (span) => printable(span[key] ?? none), minWidth: 8 }]
      : []
  return [
    { title: 'started', text: ({ startTime }) => formatShortTime(startTime) },
    {
      title: 'trace',
      text: ({ traceId }) => printable(traceId.slice(0, traceLength)),
      color: (text, colors) => colors.cyan(text),
    },
    {
      title: 'span',
      text: ({ spanId }) => printable(spanId.slice(0, spanLength)),
      color: (text, colors) => colors.cyan(text),
    },
    { title: 'name', text: ({ name }) => printable(name), minWidth: 12 },
    { title: 'kind', text: ({ kind }) => kind },
    ...named('model', 'model'),
    ...named('tool', 'toolName'),
    {
      title: 'status',
      text: shownStatus,
      color: (text, colors, row) => colorStatus(text, shownStatus(row), colors),
    },
    { title: 'duration', align: 'right', text: ({ durationMs }) => formatDuration(durationMs) },
    ...(has('inputTokens') || has('outputTokens')
      ? [{ title: 'tokens', align: 'right' as const, text: formatTokens }]
      : []),
    ...(has('costUsd')
      ? [{ title: 'cost', align: 'right' as const, text: ({ costUsd }: SpanSummary) => formatDollars(costUsd) }]
      : []),
  ]
}
