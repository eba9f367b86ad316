import { getTableColumns } from 'drizzle-orm'
import { traces } from '../../schema/postgres.ts'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { tokenColumns } from '../../schema/tokens.ts'
import { derivedColumns, summedColumns } from '../../schema/traces.ts'
import type { NewSpan, NewTrace, TraceRow } from '../../src/index.ts'
import { modelShares } from './usage-model.ts'

/** What a trace row says apart from when it was written. */
export type VisibleTrace = Omit<
  TraceRow,
  'createdAt' | 'updatedAt' | 'writtenAt' | 'commitSeq' | 'derived' | 'authoredStamps'
>
const aboutTheWrite: ReadonlySet<string> = new Set([
  'createdAt',
  'updatedAt',
  'writtenAt',
  'commitSeq',
  'derived',
  'authoredStamps',
])

/**
 * The row that a trace must have, worked out from all its spans in plain JavaScript: the same rules as the writers' one
 * query, written a second time.
 *
 * @param spans each span once
 * @param author what the trace's author said last, if anybody did
 */
export function modelTrace(projectId: string, spans: readonly NewSpan[], author?: NewTrace): VisibleTrace {
  const traceId = author?.traceId ?? spans[0]?.traceId ?? ''
  const derived = spans.length > 0 ? summarize(spans) : undefined
  const said = authoredOf(author)

  const row: Record<string, unknown> = { projectId, traceId, authored: author ? said : null }
  for (const key of derivedColumns) row[key] = said[key] ?? derived?.[key] ?? null
  for (const key of summedColumns) row[key] = derived?.[key] ?? said[key] ?? null
  for (const key of ['tags', 'metadata', 'resource', 'input', 'output'] as const) row[key] = asJson(author?.[key])
  for (const key of ['spanCount', 'errorCount', 'llmCallCount', 'toolCallCount']) row[key] = derived?.[key] ?? 0
  row.status ??= 'unset'
  row.stepCount ??= 0
  row.stepsDurationMs ??= 0
  const [start, end] = [row.startTime, row.endTime].map((time) => (time === null ? null : micros(time as string)))
  row.durationMs = said.durationMs ?? (start == null || end == null ? null : (end - start) / 1000)
  for (const key of Object.keys(getTableColumns(traces))) if (!aboutTheWrite.has(key)) row[key] ??= null
  return row as VisibleTrace
}

function authoredOf(author: NewTrace | undefined): Record<string, string | number> {
  const said: Record<string, string | number> = {}
  for (const key of [...derivedColumns, ...summedColumns]) {
    const value = author?.[key]
    if (value === undefined || value === null) continue
    said[key] = key === 'startTime' || key === 'endTime' ? isoFromMicros(micros(value as string)) : (value as string)
  }
  return said
}

function summarize(spans: readonly NewSpan[]): Record<string, unknown> {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const isOrphan = ({ spanId, parentSpanId }: NewSpan) =>
    parentSpanId == null || parentSpanId === spanId || !ids.has(parentSpanId)
  const [root] = [...spans].sort(
    (a, b) =>
      Number(isOrphan(b)) - Number(isOrphan(a)) ||
      micros(a.startTime) - micros(b.startTime) ||
      compareBytes(a.spanId, b.spanId),
  )
  if (!root) return {}

  const ends = spans.flatMap(({ endTime }) => (endTime == null ? [] : [micros(endTime)]))
  const rootElseFirst = (key: (typeof fromRootElseFirst)[number]) =>
    root[key] ?? spans.flatMap((span) => span[key] ?? []).sort(compareBytes)[0] ?? null
  const steps = spans.filter((span) => span !== root).map((span) => Math.floor((durationMs(span) ?? 0) * 1000 + 0.5))
  const shares = modelShares(spans)
  const counted = (measure: keyof ShareOf) => spans.map(({ spanId }) => shares.get(spanId)?.[measure])
  return {
    name: root.name,
    status: root.status ?? 'unset',
    statusMessage: root.statusMessage ?? null,
    ...Object.fromEntries(fromRootElseFirst.map((key) => [key, rootElseFirst(key)])),
    startTime: isoFromMicros(Math.min(...spans.map(({ startTime }) => micros(startTime)))),
    endTime: ends.length > 0 ? isoFromMicros(Math.max(...ends)) : null,
    spanCount: spans.length,
    errorCount: spans.filter(({ status }) => status === 'error').length,
    llmCallCount: sum(counted('calls')) ?? 0,
    toolCallCount: spans.filter(({ kind }) => kind === 'tool' || kind === 'mcp').length,
    stepCount: spans.length - 1,
    stepsDurationMs: steps.reduce((sum, step) => sum + step, 0) / 1000,
    costUsd: sum(counted('cost'), 1e9),
    ...Object.fromEntries(tokenColumns.map((column) => [column, sum(counted(column))])),
  }
}

type ShareOf = NonNullable<ReturnType<ReturnType<typeof modelShares>['get']>>

const fromRootElseFirst = [
  'sessionId',
  'userId',
  'serviceName',
  'agentName',
  'agentVersion',
  'environment',
  'provider',
  'model',
] as const

/** What JSON keeps of a document: it has no -0. */
const asJson = (document: unknown): unknown => JSON.parse(JSON.stringify(document ?? null))

const micros = (time: string | Date) => (typeof time === 'string' ? microsFromIso(time) : time.getTime() * 1000)

const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

function durationMs(span: NewSpan): number | null {
  if (span.durationMs != null) return span.durationMs
  return span.endTime == null ? null : (micros(span.endTime) - micros(span.startTime)) / 1000
}

/** The sum of what is there, or null where nothing is. */
function sum(values: readonly (number | null | undefined)[], unit = 1): number | null {
  const given = values.filter((value) => value != null)
  return given.length > 0 ? given.reduce((total, value) => total + value, 0) / unit : null
}
