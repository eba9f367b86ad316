import { and, eq, gte, inArray, lte, notInArray } from 'drizzle-orm'
import { isoFromMicros } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { metricTraceOf } from '../formats/otlp/derived/metric-spans.ts'
import { derivedScopes, isDerived } from '../formats/otlp/derived/sources.ts'
import { microsOf } from '../rows/micros.ts'
import type { SpanRecord } from '../rows/records.ts'
import type { Store } from '../store/store.ts'

/** What a call is known by: the ids that it has, else what it did and when. */
interface Call {
  readonly traceId: string
  readonly sessionId: string | null
  readonly kind: string
  readonly responseId: string | null
  readonly toolCallId: string | null
  readonly toolName: string | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly startMicros: number
}

const callOf = (span: SpanRecord): Call => ({
  traceId: span.traceId,
  sessionId: span.sessionId ?? null,
  kind: span.kind ?? 'other',
  responseId: span.responseId ?? null,
  toolCallId: span.toolCallId ?? null,
  toolName: span.toolName ?? null,
  inputTokens: span.inputTokens ?? null,
  outputTokens: span.outputTokens ?? null,
  startMicros: microsOf(span.startTime),
})

/** How far apart the clock readings of a span and of the event of the same call may be. */
const toleranceMicros = 5_000_000

/** Whether two reports are of one call: by its id where both have one, else by what it did at about the same time. */
function isSameCall(a: Call, b: Call): boolean {
  if (a.kind !== b.kind || a.sessionId !== b.sessionId) return false
  for (const id of ['responseId', 'toolCallId'] as const) {
    if (a[id] !== null && b[id] !== null) return a[id] === b[id]
  }
  const isNear = Math.abs(a.startMicros - b.startMicros) <= toleranceMicros
  return isNear && a.inputTokens === b.inputTokens && a.outputTokens === b.outputTokens && a.toolName === b.toolName
}

/** Kinds of spans that Claude Code reports as events as well. */
const isReportedTwice = ({ kind, sessionId }: SpanRecord): boolean =>
  sessionId != null && (kind === 'llm' || kind === 'tool' || kind === 'agent')

/** Spans that may be reported by log events or metrics too: those of Claude Code. */
const mayHaveEvents = (span: SpanRecord) =>
  !isDerived(span) && span.reader?.startsWith('claude-code@') === true && isReportedTwice(span)

/** Whether more than one signal may report the same call. */
export const mayBeToldTwice = (span: SpanRecord): boolean => isDerived(span) || mayHaveEvents(span)

/**
 * The derived spans of a chunk whose calls no span tells, neither in the chunk nor in the store. A prompt of which one
 * call is told by a span is told by spans; metrics count where neither spans nor events tell of the session.
 *
 * @throws StorageError when the database is unreachable
 */
export async function untoldSpans(
  store: Store,
  derived: readonly SpanRecord[],
  recorded: readonly SpanRecord[],
): Promise<SpanRecord[]> {
  if (derived.length === 0) return []
  const told = [...recorded.filter(mayHaveEvents).map(callOf), ...(await storedCalls(store, derived, 'recorded'))]
  const fromLogs = derived.filter(({ scope }) => scope?.name === derivedScopes.logs)
  const toldTraces = new Set(
    fromLogs.filter((span) => told.some((call) => isSameCall(call, callOf(span)))).map(({ traceId }) => traceId),
  )
  const kept = fromLogs.filter(({ traceId }) => !toldTraces.has(traceId))
  const fromMetrics = derived.filter(({ scope }) => scope?.name === derivedScopes.metrics)
  if (fromMetrics.length === 0) return kept
  const events = await storedCalls(store, fromMetrics, 'logs')
  const sessions = new Set([...told, ...events, ...kept.map(callOf)].map(({ sessionId }) => sessionId))
  return [...kept, ...fromMetrics.filter(({ sessionId }) => !sessions.has(sessionId ?? null))]
}

/**
 * Deletes derived spans whose calls spans tell that are stored now, and those from metrics of sessions of which
 * anything else tells.
 *
 * @throws StorageError when the database is unreachable
 */
export async function deleteToldSpans(store: Store, stored: readonly SpanRecord[]): Promise<void> {
  const { runs } = store.writers
  const recorded = stored.filter(mayHaveEvents)
  const known = recorded.length === 0 ? [] : await storedCalls(store, recorded, 'logs')
  const calls = recorded.map(callOf)
  const told = known.filter((call) => calls.some((each) => isSameCall(each, call)))
  await forget(
    runs,
    told.map(({ traceId }) => traceId),
    derivedScopes.logs,
  )
  const others = stored.filter(
    (span) => isReportedTwice(span) && (mayHaveEvents(span) || span.scope?.name === derivedScopes.logs),
  )
  await forget(
    runs,
    others.map(({ sessionId }) => metricTraceOf(sessionId ?? '')),
    derivedScopes.metrics,
  )
}

async function forget(writer: Store['writers']['runs'], traceIds: readonly string[], source: string): Promise<void> {
  if (traceIds.length > 0) await writer.forgetSpans([...new Set(traceIds)], source)
}

/** How long before and after its first and last span a session is looked for; it bounds what is read. */
const aroundMicros = 86_400_000_000

/** The stored spans of the sessions of some spans: recorded ones, or those derived from logs. */
async function storedCalls(store: Store, of: readonly SpanRecord[], which: 'recorded' | 'logs'): Promise<Call[]> {
  const { db, tables, pool, projectId } = store
  const { spans } = tables
  const sessions = [...new Set(of.flatMap(({ sessionId }) => (sessionId == null ? [] : [sessionId])))]
  if (sessions.length === 0) return []
  const starts = of.map(({ startTime }) => microsOf(startTime))
  const from = Math.max(starts.reduce((a, b) => Math.min(a, b)) - aroundMicros, 0)
  const to = starts.reduce((a, b) => Math.max(a, b)) + aroundMicros
  const scope = pool.dialect.jsonText(spans.scope, 'name')
  const isOfScope = which === 'logs' ? eq(scope, derivedScopes.logs) : notInArray(scope, Object.values(derivedScopes))
  try {
    const rows = await db
      .select({
        traceId: spans.traceId,
        sessionId: spans.sessionId,
        kind: spans.kind,
        responseId: spans.responseId,
        toolCallId: spans.toolCallId,
        toolName: spans.toolName,
        inputTokens: spans.inputTokens,
        outputTokens: spans.outputTokens,
        startTime: spans.startTime,
      })
      .from(spans)
      .where(
        and(
          eq(spans.projectId, projectId),
          gte(spans.startTime, isoFromMicros(from)),
          lte(spans.startTime, isoFromMicros(to)),
          pool.dialect.isInList(spans.sessionId, pool.dialect.list(sessions)),
          inArray(spans.kind, ['llm', 'tool', 'agent']),
          isOfScope,
        ),
      )
    return rows.map(({ startTime, ...row }) => ({ ...row, startMicros: microsOf(startTime) }))
  } catch (error) {
    throw storageError(error, 'look for calls that other signals told')
  }
}
