import type { TraceSummary } from '../repositories/trace-rows.ts'
import { formatDollars, formatDuration, formatNumberOf, formatTime, formatTokens, none } from './format.ts'
import type { Colors } from './io.ts'
import { printable } from './printable.ts'
import { colorStatus, shownStatus } from './statuses.ts'

/** A trace as one line: time, id, status, name, duration and what it used. */
export function renderTrace(trace: TraceSummary, colors: Colors): string {
  const { startTime, traceId, name, agentName, durationMs, spanCount, errorCount, costUsd } = trace
  const status = shownStatus(trace)
  const parts = [
    colors.dim(formatTime(startTime)),
    colors.cyan(printable(traceId.slice(0, 8)).padEnd(8)),
    colorStatus(status.padEnd(7), status, colors),
    printable(name ?? none),
    agentName !== null && !name?.includes(agentName) && printable(agentName),
    formatDuration(durationMs),
    formatNumberOf(spanCount, 'span'),
    errorCount > 0 && colors.red(formatNumberOf(errorCount, 'error')),
    (trace.inputTokens ?? trace.outputTokens) !== null && `${formatTokens(trace)} tokens`,
    costUsd !== null && formatDollars(costUsd),
  ]
  return parts.filter((part) => part !== false).join('  ')
}
