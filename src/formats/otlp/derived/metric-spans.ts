import { Micros, microsOf } from '../../../rows/micros.ts'
import type { MetricPointRecord, SpanRecord } from '../../../rows/records.ts'
import { contentId } from '../../content-id.ts'
import { tokenColumns } from '../profiles/counts.ts'
import { derivedScopes } from './sources.ts'

const tokenMetric = 'claude_code.token.usage'
const costMetric = 'claude_code.cost.usage'

const tokenTypes = {
  input: 'inputTokens',
  output: 'outputTokens',
  cacheRead: 'cacheReadTokens',
  cacheCreation: 'cacheCreationTokens',
} as const

/** The trace of a session whose usage is known from metrics alone. */
export const metricTraceOf = (sessionId: string): string => contentId(`claude-code metrics ${sessionId}`)

interface Usage {
  readonly session: string
  readonly model: string
  readonly point: MetricPointRecord
  readonly startMicros: number
  readonly endMicros: number
  tokens: Partial<Record<(typeof tokenTypes)[keyof typeof tokenTypes], number>>
  costUsd: number | null
}

/**
 * Spans with the usage that Claude Code's metrics report: one for each session, model and interval. They count only
 * where nothing else tells of the session's calls.
 */
export function spansOfPoints(points: readonly MetricPointRecord[]): SpanRecord[] {
  const usages = new Map<string, Usage>()
  for (const point of points) addPoint(usages, point)
  return Array.from(usages.values(), usageSpan)
}

function addPoint(usages: Map<string, Usage>, point: MetricPointRecord): void {
  const { metricName, value, attributes = {}, temporality } = point
  if (metricName !== tokenMetric && metricName !== costMetric) return
  const [session, model, type] = [attributes['session.id'], attributes.model, attributes.type]
  if (typeof session !== 'string' || typeof value !== 'number' || !Number.isFinite(value) || value < 0) return
  const endMicros = microsOf(point.time)
  const startMicros = point.startTime == null ? endMicros : microsOf(point.startTime)
  // A cumulative point replaces the one before it.
  const interval = temporality === 'delta' ? `${startMicros} ${endMicros}` : String(startMicros)
  const key = `${session} ${model} ${interval}`
  const known = usages.get(key)
  const usage: Usage = known ?? {
    session,
    model: typeof model === 'string' ? model : '',
    point,
    startMicros,
    endMicros,
    tokens: {},
    costUsd: null,
  }
  if (known === undefined) usages.set(key, usage)
  if (metricName === costMetric) usage.costUsd = temporality === 'delta' ? (usage.costUsd ?? 0) + value : value
  else if (typeof type === 'string' && Object.hasOwn(tokenTypes, type)) {
    const column = tokenTypes[type as keyof typeof tokenTypes]
    usage.tokens[column] = temporality === 'delta' ? (usage.tokens[column] ?? 0) + value : value
  }
}

function usageSpan({ session, model, point, startMicros, endMicros, tokens, costUsd }: Usage): SpanRecord {
  const interval = point.temporality === 'delta' ? `${startMicros} ${endMicros}` : String(startMicros)
  const reported = {
    inputTokens: tokens.inputTokens ?? null,
    outputTokens: tokens.outputTokens ?? null,
    totalTokens: null,
    cacheReadTokens: tokens.cacheReadTokens ?? null,
    cacheCreationTokens: tokens.cacheCreationTokens ?? null,
    reasoningTokens: null,
    uncachedInputTokens: tokens.inputTokens ?? null,
  }
  const user = point.attributes?.['user.id']
  return {
    traceId: metricTraceOf(session),
    spanId: contentId(`claude-code metrics ${session} ${model} ${interval}`).slice(0, 16),
    name: 'claude_code.usage',
    kind: 'step',
    startTime: new Micros(startMicros),
    endTime: new Micros(endMicros),
    durationMs: (endMicros - startMicros) / 1000,
    provider: 'anthropic',
    model: model === '' ? null : model,
    requestModel: model === '' ? null : model,
    ...tokenColumns(reported, { cachedInInput: false, reasoningInOutput: true }, 'anthropic'),
    costUsd,
    sessionId: session,
    userId: typeof user === 'string' ? user : null,
    serviceName: point.serviceName ?? null,
    environment: point.environment ?? null,
    reader: 'claude-code@1',
    attributes: {},
    resource: point.resource ?? null,
    scope: { name: derivedScopes.metrics },
  }
}
