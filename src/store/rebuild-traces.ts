import { and, asc, eq, getTableColumns, isNull, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { microsFromIso } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { createSink } from '../engines/notifying-sink.ts'
import type { Pool } from '../engines/pool.ts'
import { countTrace } from '../fold/count-trace.ts'
import { factColumns, factsOf, type SpanFacts } from '../fold/span-facts.ts'
import { countedOfValues, isSameShare, stateOfText, textOfBelow, textOfState } from '../fold/stored-form.ts'
import { type FollowingColumns, followingColumns } from '../fold/trace-row.ts'
import { type Counted, countedIn } from '../fold/usage-tree.ts'
import { columnSpecs, shareColumns, type Value } from '../rows/accepted-row.ts'

/** How traces are rebuilt. */
export interface RebuildOptions {
  /** Only say what differs, and change nothing. @default false */
  check?: boolean | undefined
  /** Called after each page of traces. */
  onProgress?: ((traces: number) => void) | undefined
}

/** A trace that is not as its spans and its author call for. */
export interface TraceDifference {
  readonly traceId: string
  /** The columns of its row that differ; `traceId` where there are spans and no row. */
  readonly columns: readonly string[]
  /** Spans of which something else counts than what is stored. */
  readonly spans: number
  /** Parents that are not stored, for which something else waits than what is stored. */
  readonly parents: number
}

/** What a rebuild found. */
export interface RebuildReport {
  readonly traces: number
  readonly differences: readonly TraceDifference[]
}

const pageTraces = 500
/** Spans whose traces are counted together. A longer trace is alone. */
const spansAtOnce = 20_000
const times = new Set(columnSpecs.traces.filter(({ type }) => type === 'timestamp').map(({ key }) => key))

/**
 * Counts every trace of a project anew from all of its spans, and says which rows were not what that gives: none, unless
 * somebody changed rows by SQL of their own. Those are put right.
 */
export async function rebuildTraces(
  pool: Pool,
  projectId: string,
  { check = false, onProgress }: RebuildOptions = {},
): Promise<RebuildReport> {
  const sink = createSink(pool)
  const found: TraceDifference[] = []
  let traces = 0
  let after = ''
  for (;;) {
    const page = await run(() => pageAfter(pool, projectId, after))
    const different = await differencesOf(pool, projectId, page)
    // What is written meanwhile is between two looks: only what is twice is so.
    const again = await differencesOf(
      pool,
      projectId,
      different.length > 0 ? await reread(pool, projectId, different) : [],
    )
    found.push(...again)
    if (!check && again.length > 0) {
      await sink.recountTraces(
        projectId,
        again.map(({ traceId }) => traceId),
      )
    }
    traces += page.length
    onProgress?.(traces)
    after = page.at(-1)?.traceId ?? after
    if (page.length < pageTraces) break
  }
  const missing = await withoutRow(pool, projectId)
  if (!check) await sink.recountTraces(projectId, missing)
  found.push(...missing.map((traceId) => ({ traceId, columns: ['traceId'], spans: 0, parents: 0 })))
  return { traces, differences: found }
}

/** The traces that have spans and no row: somebody stored or deleted rows by SQL of their own. */
async function withoutRow({ db, tables: { spans, traces } }: Pool, projectId: string): Promise<string[]> {
  const ofTrace = and(eq(traces.projectId, spans.projectId), eq(traces.traceId, spans.traceId))
  const rows = await run(() =>
    db
      .selectDistinct({ traceId: spans.traceId })
      .from(spans)
      .leftJoin(traces, ofTrace)
      .where(and(eq(spans.projectId, projectId), isNull(traces.traceId)))
      .orderBy(asc(spans.traceId)),
  )
  return rows.map(({ traceId }) => traceId)
}

type TraceRecord = Awaited<ReturnType<typeof pageAfter>>[number]

const pageAfter = ({ db, tables: { traces } }: Pool, projectId: string, after: string) =>
  db
    .select()
    .from(traces)
    .where(and(eq(traces.projectId, projectId), sql`${traces.traceId} > ${after}`))
    .orderBy(asc(traces.traceId))
    .limit(pageTraces)

function reread({ db, dialect, tables: { traces } }: Pool, projectId: string, found: readonly TraceDifference[]) {
  const ids = dialect.list(found.map(({ traceId }) => traceId))
  return run(() =>
    db
      .select()
      .from(traces)
      .where(and(eq(traces.projectId, projectId), dialect.isInList(traces.traceId, ids))),
  )
}

async function differencesOf(
  pool: Pool,
  projectId: string,
  traces: readonly TraceRecord[],
): Promise<TraceDifference[]> {
  const found: TraceDifference[] = []
  for (const part of parts(traces)) {
    const [spans, waiting] = [await spansOf(pool, projectId, part), await waitingOf(pool, projectId, part)]
    for (const trace of part) {
      const { traceId } = trace
      const difference = differenceOf(trace, spans.get(traceId) ?? [], waiting && (waiting.get(traceId) ?? nothing))
      if (difference.columns.length > 0 || difference.spans > 0 || difference.parents > 0) found.push(difference)
    }
  }
  return found
}

/** Traces in groups of about so many spans. */
function* parts(traces: readonly TraceRecord[]): Generator<TraceRecord[]> {
  let part: TraceRecord[] = []
  let spans = 0
  for (const trace of traces) {
    if (part.length > 0 && spans + trace.spanCount > spansAtOnce) {
      yield part
      part = []
      spans = 0
    }
    part.push(trace)
    spans += trace.spanCount
  }
  if (part.length > 0) yield part
}

interface StoredSpan {
  readonly facts: SpanFacts
  readonly counted: Counted
}

async function spansOf(
  pool: Pool,
  projectId: string,
  traces: readonly TraceRecord[],
): Promise<Map<string, StoredSpan[]>> {
  const { db, dialect, tables } = pool
  const { spans } = tables
  const columns = getTableColumns(spans) as Record<string, PgColumn>
  const keys = [...factColumns, ...shareColumns, 'usageBelow']
  const ids = dialect.list(traces.map(({ traceId }) => traceId))
  const rows = await run(() =>
    db
      .select({ ...Object.fromEntries(keys.map((key) => [key, columns[key] as PgColumn])), traceId: spans.traceId })
      .from(spans)
      .where(and(eq(spans.projectId, projectId), dialect.isInList(spans.traceId, ids)))
      .orderBy(asc(spans.traceId), asc(spans.spanId)),
  )
  const byTrace = new Map<string, StoredSpan[]>()
  for (const row of rows as readonly Record<string, Value>[]) {
    const values = keys.map((key) => rowValue(row[key] ?? null, key))
    const facts = factsOf(values)
    const span = { facts, counted: countedOfValues(facts.own, values, factColumns.length) }
    const traceId = String(row.traceId)
    const stored = byTrace.get(traceId)
    if (stored) stored.push(span)
    else byTrace.set(traceId, [span])
  }
  return byTrace
}

const nothing: ReadonlyMap<string, string> = new Map()

/** What waits for parents that are not stored, by trace and parent; undefined where the engine does not keep it. */
async function waitingOf(
  { db, dialect, pendingUsage }: Pool,
  projectId: string,
  traces: readonly TraceRecord[],
): Promise<Map<string, Map<string, string>> | undefined> {
  if (!pendingUsage) return undefined
  const ids = dialect.list(traces.map(({ traceId }) => traceId))
  const rows = await run(() =>
    db
      .select()
      .from(pendingUsage)
      .where(and(eq(pendingUsage.projectId, projectId), dialect.isInList(pendingUsage.traceId, ids))),
  )
  const byTrace = new Map<string, Map<string, string>>()
  for (const { traceId, parentSpanId, usageBelow } of rows) {
    // Where the writer's role may not delete, what is over is left empty.
    if (usageBelow === '') continue
    const waiting = byTrace.get(traceId) ?? new Map<string, string>()
    byTrace.set(traceId, waiting.set(parentSpanId, usageBelow))
  }
  return byTrace
}

const rowValue = (value: Value, key: string): Value =>
  typeof value === 'string' && (times.has(key) || key === 'startTime' || key === 'endTime')
    ? microsFromIso(value)
    : value

function differenceOf(
  trace: TraceRecord,
  spans: readonly StoredSpan[],
  stored: ReadonlyMap<string, string> | undefined,
): TraceDifference {
  const lowest = spans.reduce((stamp, { facts }) => Math.min(stamp, facts.writtenAt), Number.POSITIVE_INFINITY)
  // A span that was replaced may have been the first that was ever seen.
  const firstSeen = Math.min(stateOfText(trace.derived)?.firstSeen ?? lowest, lowest)
  const facts = spans.map((span) => span.facts)
  const { state, counted, waiting } = countTrace(facts, firstSeen)
  const writtenAt = microsFromIso(trace.writtenAt)
  const authored =
    trace.authored === null ? undefined : { fields: trace.authored as Readonly<Record<string, Value>>, writtenAt }
  const expected: FollowingColumns = followingColumns(state, authored, writtenAt)
  const record = trace as unknown as Readonly<Record<string, Value>>
  const columns = Object.entries(expected)
    .filter(([key, value]) => rowValue(record[key] ?? null, key) !== value)
    .map(([key]) => key)
  // What later batches go on from, on engines that bring rows forward.
  const isBroughtForward = trace.derived !== null
  if (isBroughtForward && (state ? textOfState(state) : null) !== trace.derived) columns.push('derived')
  const differs = ({ facts: { spanId, own }, counted: before }: StoredSpan) => {
    const now = countedIn(counted, spanId, own)
    return !isSameShare(now, before) || (isBroughtForward && textOfBelow(now.below) !== textOfBelow(before.below))
  }
  const parents = [...new Set([...waiting.keys(), ...(stored?.keys() ?? [])])].filter((parentId) => {
    const below = waiting.get(parentId)
    return (below ? textOfBelow(below) : null) !== (stored?.get(parentId) ?? null)
  })
  return {
    traceId: trace.traceId,
    columns,
    spans: spans.filter(differs).length,
    parents: stored && isBroughtForward ? parents.length : 0,
  }
}

async function run<T>(read: () => PromiseLike<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw storageError(error, 'count traces anew')
  }
}
