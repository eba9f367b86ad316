import { and, asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { EventRow, SpanRow } from '../../schema/tables.ts'
import type { ReadOptions } from '../engines/pool.ts'
import { readError } from './read-options.ts'
import type { ReadScope } from './read-scope.ts'
import { compileRows } from './row-reader.ts'

/** Stored spans of one trace or of several, and the events of these spans. */
export interface TraceRecords {
  readonly spans: readonly SpanRow[]
  readonly events: readonly EventRow[]
}

/** How records are read. */
export interface TraceRecordsOptions extends ReadOptions {
  /**
   * Spans read at once, which is what is held in memory, with ten times as many events at most: only a span that has
   * more of them alone comes with all. Traces are kept whole, but for those that are larger alone.
   * @default 1000
   */
  batchSpans?: number | undefined
}

/** A trace to be read, and how large it is. */
interface Sized {
  readonly traceId: string
  readonly spanCount: number
}

/** Events read at once, for each span that is read at once. */
const eventsPerSpan = 10

/** The whole rows of some traces: several small traces at once, a large one in parts. */
export async function* readTraceRecords(
  scope: ReadScope,
  traces: AsyncIterable<Sized>,
  { batchSpans = 1_000, signal }: TraceRecordsOptions = {},
): AsyncGenerator<TraceRecords, void, undefined> {
  const size = Math.max(1, Math.trunc(batchSpans))
  let batch: Sized[] = []
  let spans = 0
  for await (const trace of traces) {
    // A trace without spans counts as one: its id is in the list as well.
    const count = Math.max(1, trace.spanCount)
    if (spans + count > size && batch.length > 0) {
      yield* readParts(scope, batch, size, signal)
      batch = []
      spans = 0
    }
    batch.push(trace)
    spans += count
  }
  if (batch.length > 0) yield* readParts(scope, batch, size, signal)
}

/** Spans in the order of their keys, and the events of exactly these: parts belong together whatever is written meanwhile. */
async function* readParts(scope: ReadScope, traces: readonly Sized[], size: number, signal?: AbortSignal) {
  const traceIds = scope.pool.dialect.list(traces.map(({ traceId }) => traceId))
  let after: SpanRow | undefined
  for (;;) {
    signal?.throwIfAborted()
    const spans: SpanRow[] = await readSpans(scope, traceIds, after, size)
    yield* withEvents(scope, spans, size * eventsPerSpan)
    // A trace may have grown since it was counted: only a part that is not full is the end.
    if (spans.length < size) return
    after = spans.at(-1)
  }
}

/** Some spans with their events, in as many parts as the events ask for. */
async function* withEvents(
  scope: ReadScope,
  spans: readonly SpanRow[],
  most: number,
): AsyncGenerator<TraceRecords, void, undefined> {
  for (let rest = spans; rest.length > 0; ) {
    const part = await firstPart(scope, rest, most)
    yield part
    rest = rest.slice(part.spans.length)
  }
}

/** As many of the first spans as have all of their events among so many, and at least one span. */
async function firstPart(scope: ReadScope, spans: readonly SpanRow[], most: number): Promise<TraceRecords> {
  const events = await readEvents(scope, spans, most)
  const last = events.at(-1)
  if (!last || events.length < most) return { spans, events }
  // Of the last span there may be more.
  const cut = keyOf(last)
  const whole = events.filter((event) => keyOf(event) !== cut)
  const known = new Set(whole.map(keyOf))
  const part = spans.slice(0, spans.findLastIndex((span) => known.has(keyOf(span))) + 1)
  if (part.length > 0) return { spans: part, events: whole }
  const alone = spans.slice(0, 1)
  return { spans: alone, events: await readEvents(scope, alone) }
}

const keyOf = ({ traceId, spanId }: Pick<SpanRow, 'traceId' | 'spanId'>) => JSON.stringify([traceId, spanId])

async function readSpans(
  { pool, projectId, signal }: ReadScope,
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
    throw readError(error, 'read spans', signal)
  }
}

/** The events of consecutive spans in the order of their keys, all of them unless there is a limit. */
async function readEvents(
  { pool, projectId, signal }: ReadScope,
  spans: readonly SpanRow[],
  limit?: number,
): Promise<EventRow[]> {
  const [first, last] = [spans[0], spans.at(-1)]
  if (!first || !last) return []
  const { events } = pool.tables
  const traceIds = pool.dialect.list([...new Set(spans.map(({ traceId }) => traceId))])
  const key = sql`(${events.traceId}, ${events.spanId})`
  const between: SQL = sql`${key} >= (${first.traceId}, ${first.spanId}) and ${key} <= (${last.traceId}, ${last.spanId})`
  const columns = getTableColumns(events)
  try {
    const query = pool.db
      .select(columns)
      .from(events)
      .where(and(eq(events.projectId, projectId), pool.dialect.isInList(events.traceId, traceIds), between))
      .orderBy(asc(events.traceId), asc(events.spanId), asc(events.ordinal))
    return await compileRows(pool, limit === undefined ? query : query.limit(limit), columns)()
  } catch (error) {
    throw readError(error, 'read events', signal)
  }
}
