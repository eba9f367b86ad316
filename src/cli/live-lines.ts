import type { Followed } from '../repositories/follow.ts'
import type { ResultSummary } from '../repositories/result-rows.ts'
import type { SpanSummary } from '../repositories/span-rows.ts'
import { formatDollars, formatDuration, formatTime, formatTokens, none } from './format.ts'
import type { Colors } from './io.ts'
import { printable } from './printable.ts'
import { colorResult } from './result-colors.ts'
import { colorStatus } from './statuses.ts'

const short = (id: string | null) => printable(id?.slice(0, 8) ?? none).padEnd(8)

const joined = (parts: readonly (string | false)[]) => parts.filter((part) => part !== false && part !== '').join('  ')

/** A span as one line: time, trace, kind, status, name, duration and what it used. */
export function renderSpan(span: SpanSummary, colors: Colors): string {
  const { startTime, traceId, kind, status, name, model, durationMs, costUsd } = span
  return joined([
    colors.dim(formatTime(startTime)),
    colors.cyan(short(traceId)),
    kind.padEnd(8),
    colorStatus(status.padEnd(7), status, colors),
    printable(name),
    model !== null && !name.includes(model) && printable(model),
    durationMs !== null && formatDuration(durationMs),
    (span.inputTokens ?? span.outputTokens) !== null && `${formatTokens(span)} tokens`,
    costUsd !== null && formatDollars(costUsd),
  ])
}

/** A result as one line: time, trace, status, name, score and duration. */
export function renderResult(result: ResultSummary, colors: Colors): string {
  const { time, traceId, status, label, name, score, durationMs } = result
  return joined([
    colors.dim(formatTime(time)),
    colors.cyan(short(traceId)),
    colorResult(printable(status ?? label ?? none).padEnd(7), status, colors),
    printable(name),
    score?.toFixed(2) ?? false,
    durationMs !== null && formatDuration(durationMs),
  ])
}

/** A point of a metric as one line: time, metric, value and service. */
export function renderPoint(point: Followed['metricPoints'], colors: Colors): string {
  const { time, metricName, value, count, sum, serviceName } = point
  return joined([
    colors.dim(formatTime(time)),
    printable(metricName),
    value !== null ? String(value) : `${count ?? none} values, sum ${sum ?? none}`,
    serviceName !== null && colors.cyan(printable(serviceName)),
  ])
}

/** An event of a span as one line: time, trace, span and name. */
export function renderEvent({ time, traceId, spanId, name }: Followed['events'], colors: Colors): string {
  return joined([colors.dim(formatTime(time)), colors.cyan(short(traceId)), short(spanId), printable(name)])
}
