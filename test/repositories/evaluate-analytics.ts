import type { SpanRow, TraceRow } from '../../schema/tables.ts'
import { compareBytes } from './evaluate-filter.ts'

/** What analytics mean, in plain JavaScript over rows in memory. */

const columns: Record<string, string> = {
  agent: 'agentName',
  tool: 'toolName',
  service: 'serviceName',
  user: 'userId',
  session: 'sessionId',
}
const tokenKinds = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheCreationTokens',
  'reasoningTokens',
] as const

type Row = SpanRow | TraceRow
type Key = Record<string, string | null>

/** Groups in the order of their names. */
export function grouped<R extends Row>(
  rows: readonly R[],
  by: readonly string[],
  bucket?: string,
): { key: Key; rows: R[] }[] {
  const groups = new Map<string, { key: Key; rows: R[] }>()
  for (const row of rows) {
    const values = row as unknown as Record<string, string | null>
    const key: Key = Object.fromEntries(by.map((name) => [name, values[columns[name] ?? name] ?? null]))
    if (bucket) key.bucket = bucketOf(row.startTime, bucket)
    const text = JSON.stringify(key)
    const group = groups.get(text) ?? { key, rows: [] }
    group.rows.push(row)
    groups.set(text, group)
  }
  if (by.length === 0 && !bucket && groups.size === 0) groups.set('', { key: {}, rows: [] })
  return [...groups.values()].sort((a, b) => {
    for (const name of Object.keys(a.key)) {
      const [left = null, right = null] = [a.key[name], b.key[name]]
      if (left !== right) return left === null ? 1 : right === null ? -1 : compareBytes(left, right)
    }
    return 0
  })
}

export function bucketOf(iso: string, unit: string): string {
  const date = new Date(iso)
  const day = iso.slice(0, 10)
  const cut = {
    minute: `${iso.slice(0, 16)}:00`,
    hour: `${iso.slice(0, 13)}:00:00`,
    day: `${day}T00:00:00`,
    month: `${iso.slice(0, 7)}-01T00:00:00`,
  }[unit]
  if (cut) return `${cut}.000000Z`
  const monday = new Date(Date.parse(`${day}T00:00:00Z`) - ((date.getUTCDay() + 6) % 7) * 86_400_000)
  return monday.toISOString().replace('Z', '000Z')
}

const total = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0)
const exact = (values: readonly (number | null)[], unit: number) =>
  total(values.map((each) => Math.floor((each ?? 0) * unit + 0.5)))
const mean = (sum: number, count: number) => (count === 0 ? 0 : sum / count)

/** What counts of a kind of tokens, where it differs from what is reported. */
const shareOf = {
  inputTokens: 'inputShare',
  outputTokens: 'outputShare',
  totalTokens: 'totalShare',
  cacheReadTokens: 'cacheReadShare',
  cacheCreationTokens: 'cacheCreationShare',
  reasoningTokens: 'reasoningShare',
} as const

export function usageOf(spans: readonly SpanRow[], traces: readonly TraceRow[]) {
  const ids = new Set(spans.map((span) => span.traceId))
  const errors = spans.filter((span) => span.status === 'error').length
  const micros = exact(
    spans.map((span) => span.durationMs),
    1000,
  )
  return {
    spans: spans.length,
    keptSpans: 0,
    traces: ids.size,
    errors,
    errorRate: mean(errors, spans.length),
    ...Object.fromEntries(
      tokenKinds.map((kind) => [kind, total(spans.map((span) => span[shareOf[kind]] ?? span[kind] ?? 0))]),
    ),
    costUsd:
      exact(
        spans.map((span) => span.costShare ?? span.costUsd),
        1e9,
      ) / 1e9,
    durationMs: micros / 1000,
    averageDurationMs: mean(micros / 1000, spans.filter((span) => span.durationMs !== null).length),
    averageSteps: mean(
      total(traces.filter((trace) => ids.has(trace.traceId)).map((trace) => trace.stepCount)),
      ids.size,
    ),
  }
}

export function runsOf(traces: readonly TraceRow[]) {
  const errors = traces.filter((trace) => trace.status === 'error').length
  const micros = exact(
    traces.map((trace) => trace.durationMs),
    1000,
  )
  const steps = total(traces.map((trace) => trace.stepCount))
  return {
    runs: traces.length,
    errors,
    errorRate: mean(errors, traces.length),
    spans: total(traces.map((trace) => trace.spanCount)),
    llmCalls: total(traces.map((trace) => trace.llmCallCount)),
    toolCalls: total(traces.map((trace) => trace.toolCallCount)),
    steps,
    averageSteps: mean(steps, traces.length),
    ...Object.fromEntries(tokenKinds.map((kind) => [kind, total(traces.map((trace) => trace[kind] ?? 0))])),
    costUsd:
      exact(
        traces.map((trace) => trace.costUsd),
        1e9,
      ) / 1e9,
    durationMs: micros / 1000,
    averageDurationMs: mean(micros / 1000, traces.filter((trace) => trace.durationMs !== null).length),
    stepsDurationMs:
      exact(
        traces.map((trace) => trace.stepsDurationMs),
        1000,
      ) / 1000,
  }
}

export function latencyOf(rows: readonly { durationMs: number | null }[]) {
  const sorted = rows.flatMap((row) => row.durationMs ?? []).sort((a, b) => a - b)
  const percentile = (share: number) => {
    const position = share * (sorted.length - 1)
    const low = sorted[Math.floor(position)] ?? 0
    return low + ((sorted[Math.ceil(position)] ?? 0) - low) * (position - Math.floor(position))
  }
  return {
    count: sorted.length,
    avg: mean(exact(sorted, 1000) / 1000, sorted.length),
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    p50: percentile(0.5),
    p90: percentile(0.9),
    p95: percentile(0.95),
    p99: percentile(0.99),
  }
}
