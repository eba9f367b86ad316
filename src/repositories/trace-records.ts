import { and, asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { EventRow, SpanRow } from '../../schema/tables.ts'
import { storageError } from '../errors.ts'
import type { FilterScope } from './predicates/compile.ts'
import { compileRows } from './row-reader.ts'

/** Stored spans of one trace or of several, and the events of these spans. */
export interface TraceRecords {
  readonly spans: SpanRow[]
  readonly events: EventRow[]
}

/** How records are read. */
export interface TraceRecordsOptions {
  /**
   * Spans read at once, which is what is held in memory. Traces are kept whole, but for those that are larger alone.
   * @default 1000
   */
  batchSpans?: number | undefined
  /** Ends the reading with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** A trace to be read, and how large it is. */
interface Sized {
  readonly traceId: string
  readonly spanCount: number
}

/** The whole rows of some traces: several small traces at once, a large one in parts. */
export async function* readTraceRecords(
  scope: FilterScope,
  traces: AsyncIterable<Sized>,
  { batchSpans = 1_000, signal }: TraceRecordsOptions = {},
): AsyncGenerator<TraceRecords, void, undefined> {
  const size = Math.max(1, Math.trunc(batchSpans))
  let batch: Sized[] = []
  let spans = 0
  for await (const trace of traces) {
    if (spans + trace.spanCount > size && batch.length > 0) {
      yield* readParts(scope, batch, size, signal)
      batch = []
      spans = 0
    }
    batch.push(trace)
    spans += trace.spanCount
  }
  if (batch.length > 0) yield* readParts(scope, batch, size, signal)
}

/** Spans in the order of their keys, and the events of exactly these: whatever is written meanwhile, parts fit. */
async function* readParts(scope: FilterScope, traces: readonly Sized[], size: number, signal?: AbortSignal) {
  const traceIds = scope.pool.dialect.list(traces.map(({ traceId }) => traceId))
  let after: SpanRow | undefined
  for (;;) {
    signal?.throwIfAborted()
    const spans: SpanRow[] = await readSpans(scope, traceIds, after, size)
    const [first, last] = [spans[0], spans.at(-1)]
    if (!first || !last) return
    yield { spans, events: await readEvents(scope, traceIds, first, last) }
    // A trace may have grown since it was counted: only a part that is not full is the end.
    if (spans.length < size) return
    after = last
  }
}

async function readSpans(
  { pool, projectId }: FilterScope,
  traceIds: string,
  after: SpanRow | undefined,
  size: number,
): Promise<SpanRow[]> {
  const { spans } = pool.tables
  const beyond = after && sql`(${spans.traceId}, ${spans.spanId}) > (${after.traceId}, ${after.spanId})`
  const columns = getTableColumns(spans)
  try {
    const query = pool.db
      .select(columns)
      .from(spans)
      .where(and(eq(spans.projectId, projectId), pool.dialect.isInList(spans.traceId, traceIds), beyond))
      .orderBy(asc(spans.traceId), asc(spans.spanId))
      .limit(size)
    return await compileRows(pool, query, columns)()
  } catch (error) {
    throw storageError(error, 'read spans')
  }
}

async function readEvents(
  { pool, projectId }: FilterScope,
  traceIds: string,
  first: SpanRow,
  last: SpanRow,
): Promise<EventRow[]> {
  const { events } = pool.tables
  const key = sql`(${events.traceId}, ${events.spanId})`
  const between: SQL = sql`${key} >= (${first.traceId}, ${first.spanId}) and ${key} <= (${last.traceId}, ${last.spanId})`
  const columns = getTableColumns(events)
  try {
    const query = pool.db
      .select(columns)
      .from(events)
      .where(and(eq(events.projectId, projectId), pool.dialect.isInList(events.traceId, traceIds), between))
      .orderBy(asc(events.traceId), asc(events.spanId), asc(events.ordinal))
    return await compileRows(pool, query, columns)()
  } catch (error) {
    throw storageError(error, 'read events')
  }
}
