import type { Trace } from '../repositories/trace-rows.ts'
import { formatCount, formatDollars, formatDuration, formatNumberOf, formatTime } from './format.ts'
import type { Colors } from './io.ts'
import { printable } from './printable.ts'
import { colorStatus, shownStatus } from './statuses.ts'
import { cut } from './text-width.ts'

/** The lines above a waterfall: the trace and its usage. Missing values are left out. */
export function renderTraceHeader(trace: Trace, { width, colors }: { width: number; colors: Colors }): string[] {
  const facts: [label: string, value: string][] = [
    ['trace', trace.traceId],
    ['started', formatTime(trace.startTime)],
    ['duration', trace.durationMs === null ? '' : formatDuration(trace.durationMs)],
    ['agent', joined(trace.agentName, trace.agentVersion)],
    ['model', joined(trace.model, trace.provider && `(${trace.provider})`)],
    ['spans', spans(trace)],
    ['tokens', tokens(trace)],
    ['cost', trace.costUsd === null ? '' : formatDollars(trace.costUsd)],
    ['session', trace.sessionId ?? ''],
    ['user', trace.userId ?? ''],
    ['service', joined(trace.serviceName, trace.environment && `(${trace.environment})`)],
    ['run', joined(trace.runId, trace.parentRunId && `(of ${trace.parentRunId})`)],
    ['tags', trace.tags?.join(', ') ?? ''],
  ]
  const status = colorStatus(shownStatus(trace), shownStatus(trace), colors)
  // The waterfall shows it beside its span.
  const isSaidBelow = trace.spans.some(({ statusMessage }) => statusMessage === trace.statusMessage)
  const reason = trace.statusMessage && !isSaidBelow ? `: ${printable(trace.statusMessage)}` : ''
  const labelWidth = 10
  return [
    `${colors.bold(printable(trace.name ?? trace.traceId))}  ${status}${reason}`,
    ...facts
      .filter(([, value]) => value !== '')
      .map(([label, value]) => `${colors.dim(label.padEnd(labelWidth))}${cut(printable(value), width - labelWidth)}`),
  ]
}

const joined = (...parts: (string | null)[]) => parts.filter(Boolean).join(' ')

function spans({ spanCount, errorCount, llmCallCount, toolCallCount }: Trace): string {
  const parts = [
    formatCount(spanCount),
    llmCallCount > 0 && formatNumberOf(llmCallCount, 'model call'),
    toolCallCount > 0 && formatNumberOf(toolCallCount, 'tool call'),
    errorCount > 0 && formatNumberOf(errorCount, 'error'),
  ]
  return parts.filter(Boolean).join(' · ')
}

function tokens(trace: Trace): string {
  const { inputTokens, outputTokens, totalTokens, cacheReadTokens, cacheCreationTokens, reasoningTokens } = trace
  if (totalTokens === null && inputTokens === null && outputTokens === null) return ''
  const input = [
    cacheReadTokens ? `${formatCount(cacheReadTokens)} from cache` : '',
    cacheCreationTokens ? `${formatCount(cacheCreationTokens)} to cache` : '',
  ].filter(Boolean)
  const parts = [
    inputTokens !== null && `${formatCount(inputTokens)} in${input.length > 0 ? ` (${input.join(', ')})` : ''}`,
    outputTokens !== null &&
      `${formatCount(outputTokens)} out${reasoningTokens ? ` (${formatCount(reasoningTokens)} reasoning)` : ''}`,
    totalTokens !== null && `${formatCount(totalTokens)} total`,
  ]
  return parts.filter(Boolean).join(' · ')
}
