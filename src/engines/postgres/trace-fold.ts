import type pg from 'pg'
import { type CountedTrace, countTrace } from '../../fold/count-trace.ts'
import type { SpanFacts } from '../../fold/span-facts.ts'
import { countedValues, isSameShare, textOfBelow } from '../../fold/stored-form.ts'
import type { TraceState } from '../../fold/trace-state.ts'
import type { Below } from '../../fold/usage.ts'
import { type Counted, countedIn } from '../../fold/usage-tree.ts'
import type { Value } from '../../rows/accepted-row.ts'
import { byTrace, lowestStamp, madeAuthoredTrace, madeTrace, type SaidTrace } from '../fold-rows.ts'
import { type FoldedTrace, foldTrace, isUncounted, type StoredSpan, type StoredTrace } from '../fold-trace.ts'
import { keptBits, saidTraces } from '../said-traces.ts'
import { createAndLock, tracesOf } from './create-and-lock.ts'
import { postgresDialect } from './dialect.ts'
import { type EncodedRow, RowEncoder } from './encoded-row.ts'
import {
  type CountedUpdate,
  mayDeletePending,
  type PendingUpdate,
  removePending,
  removePendingOfTraces,
  spansAfter,
  updateCounted,
  writePending,
} from './fold-statements.ts'
import type { KnownTraces } from './known-traces.ts'
import { LookedUp, spanOf } from './looked-up.ts'
import { readTraces, updateAuthored, updateTraces } from './statements.ts'

/** Spans of a trace that are read at once where it is counted anew. */
const pageSpans = 5_000
const scratchBytes = 64 * 1024

/**
 * What one transaction makes of the traces that its spans belong to: the traces that it creates get their whole row from
 * the batch, those that stand are brought forward by it, and those that cannot be are counted anew from all their spans.
 */
export class TraceFold {
  readonly #connection: pg.PoolClient
  readonly #projectId: string
  readonly #known: KnownTraces | undefined
  readonly #out = new RowEncoder(scratchBytes)
  /** The traces that stood before, locked. */
  #existing: ReadonlyMap<string, StoredTrace> = new Map()
  readonly #fresh = new Map<string, CountedTrace>()
  /** What becomes of existing traces. */
  readonly #folded = new Map<string, FoldedTrace>()
  #found: LookedUp | undefined
  #mayDelete: boolean | undefined
  /** Traces that only all of their spans can tell of. */
  readonly #uncounted = new Set<string>()
  /** How many traces were counted anew. */
  recounted = 0

  /** @param known traces that are likely to be stored. @default none */
  constructor(connection: pg.PoolClient, projectId: string, known?: KnownTraces) {
    this.#connection = connection
    this.#projectId = projectId
    this.#known = known
  }

  get existing(): ReadonlyMap<string, StoredTrace> {
    return this.#existing
  }

  /** Creates the traces of spans, or locks them where they stand. */
  async begin(traceIds: readonly string[], spans: readonly EncodedRow[]): Promise<void> {
    const rowsOf = byTrace(traceIds, spans)
    this.#existing = await createAndLock(this.#connection, this.#projectId, traceIds, this.#known, (traceId) => {
      const facts = factsOfRows(rowsOf.get(traceId) ?? [])
      const fresh = countTrace(facts, lowestStamp(facts))
      this.#fresh.set(traceId, fresh)
      return this.#encode(traceId, fresh.state)
    })
  }

  /**
   * Brings the traces that stand forward by what is about to be stored.
   *
   * @returns what is stored of the spans, by their keys
   */
  async fold(spans: readonly EncodedRow[]): Promise<ReadonlyMap<string, StoredSpan>> {
    if (this.#existing.size === 0) return new Map()
    const rowsOf = byTrace([...this.#existing.keys()], spans)
    const factsOf = new Map([...rowsOf].map(([traceId, rows]) => [traceId, factsOfRows(rows)]))
    const found = new LookedUp(this.#connection, this.#projectId)
    this.#found = found
    await found.load(factsOf)
    const stored = new Map<string, StoredSpan>()
    for (const [traceId, trace] of this.#existing) {
      const before = found.of(traceId).stored
      const added: SpanFacts[] = []
      const replaced: { now: SpanFacts; before: StoredSpan }[] = []
      for (const { facts, key } of rowsOf.get(traceId) ?? []) {
        if (!facts) continue
        const span = before.get(facts.spanId)
        if (span) stored.set(key, span)
        if (!span) added.push(facts)
        else if (span.facts.writtenAt <= facts.writtenAt) replaced.push({ now: facts, before: span })
      }
      const firstSeen = lowestStamp(factsOf.get(traceId) ?? [])
      const folded = await foldTrace(trace, { added, replaced, firstSeen }, found.source(traceId))
      if (folded) this.#folded.set(traceId, folded)
      else this.#uncounted.add(traceId)
    }
    return stored
  }

  /** Rows with what counts of them. */
  withCounted(spans: readonly EncodedRow[]): readonly EncodedRow[] {
    return spans.map((row) => {
      const { facts, leadingKey } = row
      const trace = this.#existing.has(leadingKey) ? this.#folded.get(leadingKey) : this.#fresh.get(leadingKey)
      const counted = facts && trace?.counted.get(facts.spanId)
      const values = counted && countedValues(facts.own, counted)
      return values ? this.#out.withCounted('spans', row, values) : row
    })
  }

  /** Counts traces anew, whatever was known of them: what is stored is not what was thought. */
  distrust(traceIds: Iterable<string>): void {
    for (const traceId of traceIds) {
      this.#folded.delete(traceId)
      this.#uncounted.add(traceId)
    }
  }

  /** Once the spans are stored: brings their ancestors and the rows of their traces up to date. */
  async end(): Promise<void> {
    const updates: CountedUpdate[] = []
    const pending: PendingUpdate[] = []
    const rows: EncodedRow[] = []
    const waits = (traceId: string, waiting: ReadonlyMap<string, Below | null>) => {
      for (const [spanId, below] of waiting) {
        pending.push({ traceId, spanId, usageBelow: below && textOfBelow(below) })
      }
    }
    for (const [traceId, { waiting }] of this.#fresh) {
      // What is created holds nothing that could have to go.
      if (!this.#existing.has(traceId) && !this.#uncounted.has(traceId)) {
        waits(traceId, new Map([...waiting].filter(([, below]) => textOfBelow(below) !== null)))
      }
    }
    for (const [traceId, { state, ancestors, waiting }] of this.#folded) {
      waits(traceId, waiting)
      for (const [spanId, counted] of ancestors) {
        const before = this.#found?.of(traceId).spans.get(spanId)
        if (before) updates.push(updateOf(traceId, before, counted))
      }
      rows.push(this.#encode(traceId, state, this.#existing.get(traceId)))
    }
    await this.#store(updates, pending)
    for (const traceId of this.#uncounted) rows.push(await this.#recount(traceId, this.#existing.get(traceId)))
    if (rows.length > 0) await this.#connection.query(updateTraces(rows))
  }

  /**
   * Stores what the authors of traces say: creates those that are missing, with their whole row, and brings those that
   * stand up to date.
   *
   * @returns the indexes of the rows that say nothing that was not said later
   */
  async write(traceIds: readonly string[], rows: readonly EncodedRow[]): Promise<readonly number[]> {
    const { traces } = saidTraces(authorRows(rows), new Map())
    const said = traceIds.filter((traceId) => traces.has(traceId))
    this.#existing = await createAndLock(this.#connection, this.#projectId, said, this.#known, (traceId) => {
      const { row, counted } = madeAuthoredTrace(this.#projectId, traceId, undefined, traces.get(traceId) as SaidTrace)
      return this.#out.encode('traces', row, counted)
    })
    if (this.#existing.size === 0) return []
    const numbers = rows.flatMap(({ leadingKey }, index) => (this.#existing.has(leadingKey) ? [index] : []))
    const superseded = await this.author(numbers.map((index) => rows[index] as EncodedRow))
    return superseded.map((index) => numbers[index] as number)
  }

  /**
   * Brings locked traces up to date with what their authors say.
   *
   * @param spans all spans of traces that this transaction has created
   * @returns the indexes of the rows that say nothing that was not said later
   */
  async author(rows: readonly EncodedRow[], spans: readonly EncodedRow[] = []): Promise<readonly number[]> {
    const { traces, superseded } = saidTraces(authorRows(rows), this.#existing)
    for (const [traceId, own] of byTrace([...traces.keys()], spans)) {
      const facts = factsOfRows(own)
      if (!this.#existing.has(traceId)) this.#fresh.set(traceId, countTrace(facts, lowestStamp(facts)))
    }
    const updates: EncodedRow[] = []
    const kept: number[] = []
    for (const [traceId, said] of traces) {
      const trace = this.#existing.get(traceId)
      const state = trace ? trace.state : this.#fresh.get(traceId)?.state
      const { row, counted } = madeAuthoredTrace(this.#projectId, traceId, state, said)
      updates.push(this.#out.encode('traces', row, counted))
      kept.push(keptBits(said.content))
    }
    if (updates.length > 0) await this.#connection.query(updateAuthored(updates, kept))
    const uncounted = [...traces.keys()].filter((traceId) => {
      const trace = this.#existing.get(traceId)
      return trace && isUncounted(trace)
    })
    await this.recount(uncounted)
    return superseded
  }

  /** Counts locked traces anew: spans were stored or deleted that nothing is known of. */
  async recount(traceIds: readonly string[]): Promise<void> {
    if (traceIds.length === 0) return
    const traces = await tracesOf(this.#connection, readTraces(this.#projectId, postgresDialect.list(traceIds)))
    const rows: EncodedRow[] = []
    for (const [traceId, trace] of traces) rows.push(await this.#recount(traceId, trace))
    if (rows.length > 0) await this.#connection.query(updateTraces(rows))
  }

  #encode(traceId: string, state: TraceState | undefined, trace?: StoredTrace): EncodedRow {
    const { row, counted } = madeTrace(this.#projectId, traceId, state, trace?.authored, trace?.writtenAt)
    return this.#out.encode('traces', row, counted)
  }

  async #recount(traceId: string, trace: StoredTrace | undefined): Promise<EncodedRow> {
    this.recounted += 1
    const spans = await this.#allSpans(traceId)
    const facts = spans.map((span) => span.facts)
    const firstSeen = Math.min(trace?.state?.firstSeen ?? Number.POSITIVE_INFINITY, lowestStamp(facts))
    const { state, counted, waiting } = countTrace(facts, firstSeen)
    const updates: CountedUpdate[] = []
    for (const span of spans) {
      const now = countedIn(counted, span.facts.spanId, span.facts.own)
      if (isSameShare(now, span.counted) && textOfBelow(now.below) === textOfBelow(span.counted.below)) continue
      updates.push(updateOf(traceId, span, now))
    }
    const mayDelete = await this.#mayDeletePending()
    await this.#connection.query(removePendingOfTraces(this.#projectId, [traceId], mayDelete))
    const pending = [...waiting].map(([spanId, below]) => ({ traceId, spanId, usageBelow: textOfBelow(below) }))
    await this.#store(
      updates,
      pending.filter(({ usageBelow }) => usageBelow !== null),
    )
    return this.#encode(traceId, state, trace)
  }

  async #allSpans(traceId: string): Promise<StoredSpan[]> {
    const spans: StoredSpan[] = []
    for (;;) {
      const after = spans.at(-1)?.facts.spanId ?? ''
      const { rows } = await this.#connection.query<Value[]>(spansAfter(this.#projectId, traceId, after, pageSpans))
      for (const values of rows) spans.push(spanOf(values))
      if (rows.length < pageSpans) return spans
    }
  }

  async #store(updates: readonly CountedUpdate[], pending: readonly PendingUpdate[]): Promise<void> {
    if (updates.length > 0) await this.#connection.query(updateCounted(this.#projectId, updates))
    const [waiting, done] = [pending.filter(isWaiting), pending.filter((update) => !isWaiting(update))]
    if (waiting.length > 0) await this.#connection.query(writePending(this.#projectId, waiting))
    if (done.length > 0) {
      await this.#connection.query(removePending(this.#projectId, done, await this.#mayDeletePending()))
    }
  }

  async #mayDeletePending(): Promise<boolean> {
    if (this.#mayDelete === undefined) {
      const { rows } = await this.#connection.query<[boolean]>(mayDeletePending)
      this.#mayDelete = rows[0]?.[0] === true
    }
    return this.#mayDelete
  }
}

const isWaiting = ({ usageBelow }: PendingUpdate): boolean => usageBelow !== null

const authorRows = (rows: readonly EncodedRow[]) =>
  rows.map(({ leadingKey, accepted }) => ({ leadingKey, values: accepted?.values ?? [] }))

function factsOfRows(rows: readonly EncodedRow[]): SpanFacts[] {
  const all: SpanFacts[] = []
  for (const { facts } of rows) if (facts) all.push(facts)
  return all
}

const updateOf = (traceId: string, { facts, counted }: StoredSpan, now: Counted): CountedUpdate => ({
  traceId,
  spanId: facts.spanId,
  values: countedValues(facts.own, now) ?? [],
  isVisible: !isSameShare(now, counted),
})
