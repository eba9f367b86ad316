import { getTableName } from 'drizzle-orm'
import { pendingUsage } from '../../../schema/sqlite.ts'
import { type CountedTrace, countingTrace, countTrace } from '../../fold/count-trace.ts'
import { factColumns, factsOf, type SpanFacts } from '../../fold/span-facts.ts'
import { belowOfText, countedOfValues, countedValues, isSameShare, textOfBelow } from '../../fold/stored-form.ts'
import type { TraceState } from '../../fold/trace-state.ts'
import { inTurns } from '../../fold/turns.ts'
import type { Below } from '../../fold/usage.ts'
import { type Counted, countedIn } from '../../fold/usage-tree.ts'
import { columnIndex, columnSpecs, countedSpecs, type Value } from '../../rows/accepted-row.ts'
import { contentKeys } from '../../rows/authored.ts'
import {
  byTrace,
  followingNames,
  lowestStamp,
  madeAuthoredTrace,
  madeTrace,
  type StoredTexts,
  storedTrace,
} from '../fold-rows.ts'
import { type FoldedTrace, foldTrace, isUncounted, type StoredSpan, type StoredTrace } from '../fold-trace.ts'
import { keptBits, saidTraces } from '../said-traces.ts'
import { columnList } from '../upsert.ts'
import { currentCommit } from './commits.ts'
import type { PreparedRowValues } from './prepared-row.ts'
import { tables } from './tables.ts'
import type { SqliteWriter } from './transactions.ts'

/** Spans of a trace that are read at once where it is counted anew. */
const pageSpans = 500

const spans = `"${getTableName(tables.spans)}"`
const traces = `"${getTableName(tables.traces)}"`
const pending = `"${getTableName(pendingUsage)}"`

const nameOf = (key: string) => `"${columnSpecs.spans.find((spec) => spec.key === key)?.name}"`
const columns = [...factColumns.map(nameOf), ...countedSpecs.spans.map(({ name }) => `"${name}"`)].join(', ')
const ofTrace = 'project_id = ? and trace_id = ?'

const indexOf = (key: string) => columnIndex('traces', key)
const saidIndexes = ['authored', 'authoredStamps', 'writtenAt'].map(indexOf)
const contentIndexes = contentKeys.map(indexOf)
const namesOf = (indexes: readonly number[]) => indexes.map((index) => columnSpecs.traces[index]?.name ?? '')
const [saidNames, contentNames] = [namesOf(saidIndexes), namesOf(contentIndexes)]

const text = {
  trace: `select derived, authored, authored_stamps, written_at, span_count from ${traces} where ${ofTrace}`,
  createTrace: `insert into ${traces} (${columnList('traces')}, commit_seq)
    values (${columnList('traces').replaceAll(/"\w+"/g, '?')}, ${currentCommit})`,
  updateTrace: `update ${traces} set ${followingNames.map((name) => `"${name}" = ?`).join(', ')},
    commit_seq = ${currentCommit} where ${ofTrace}`,
  updateAuthored: `update ${traces} set ${[...followingNames, ...saidNames].map((name) => `"${name}" = ?`).join(', ')},
    ${contentNames.map((name, n) => `"${name}" = case when ? & ${1 << n} then "${name}" else ? end`).join(', ')},
    commit_seq = ${currentCommit} where ${ofTrace}`,
  span: `select ${columns} from ${spans} where ${ofTrace} and span_id = ?`,
  spansAfter: `select ${columns} from ${spans} where ${ofTrace} and span_id > ? order by span_id limit ${pageSpans}`,
  updateSpan: `update ${spans} set ${countedSpecs.spans.map(({ name }) => `"${name}" = ?`).join(', ')},
    commit_seq = case when ? then ${currentCommit} else commit_seq end where ${ofTrace} and span_id = ?`,
  pending: `select usage_below from ${pending} where ${ofTrace} and parent_span_id = ?`,
  writePending: `insert into ${pending} (project_id, trace_id, parent_span_id, usage_below) values (?, ?, ?, ?)
    on conflict do update set usage_below = excluded.usage_below`,
  deletePending: `delete from ${pending} where ${ofTrace} and parent_span_id = ?`,
  deletePendingOfTrace: `delete from ${pending} where ${ofTrace}`,
} as const

const followingIndexes = followingNames
  .slice(0, -1)
  .map((name) => columnSpecs.traces.findIndex((spec) => spec.name === name))

/**
 * What one transaction makes of the traces that its spans belong to: the traces that it creates get their whole row from
 * the batch, those that stand are brought forward by it, and those that cannot be are counted anew from all their spans.
 */
export class TraceFold {
  readonly #writer: SqliteWriter
  readonly #projectId: string
  readonly #takeTurn: () => Promise<void>
  readonly #existing = new Map<string, StoredTrace>()
  readonly #fresh = new Map<string, CountedTrace>()
  readonly #folded = new Map<string, FoldedTrace>()
  readonly #uncounted = new Set<string>()
  /** Stored spans that were looked up, by trace and span. */
  readonly #spans = new Map<string, StoredSpan | undefined>()
  /** How many traces were counted anew. */
  recounted = 0

  /** @param takeTurn lets the event loop turn, when it was kept for long enough */
  constructor(writer: SqliteWriter, projectId: string, takeTurn: () => Promise<void>) {
    this.#writer = writer
    this.#projectId = projectId
    this.#takeTurn = takeTurn
  }

  /**
   * Works out what becomes of the traces when spans are stored. Nothing is written yet.
   *
   * @returns the indexes of the spans that lose to what is stored
   */
  async fold(traceIds: readonly string[], rows: readonly PreparedRowValues[]): Promise<ReadonlySet<PreparedRowValues>> {
    const lost = new Set<PreparedRowValues>()
    for (const [traceId, own] of byTrace(traceIds, rows)) {
      const trace = this.#trace(traceId)
      if (!trace) {
        const facts = own.flatMap((row) => row.facts ?? [])
        this.#fresh.set(traceId, countTrace(facts, lowestStamp(facts)))
      } else {
        this.#existing.set(traceId, trace)
        await this.#foldExisting(traceId, trace, own, lost)
      }
      await this.#takeTurn()
    }
    return lost
  }

  async #foldExisting(
    traceId: string,
    trace: StoredTrace,
    own: readonly PreparedRowValues[],
    lost: Set<PreparedRowValues>,
  ): Promise<void> {
    const added: SpanFacts[] = []
    const replaced: { now: SpanFacts; before: StoredSpan }[] = []
    for (const row of own) {
      const { facts } = row
      if (!facts) continue
      const before = this.#span(traceId, facts.spanId)
      if (!before) added.push(facts)
      else if (before.facts.writtenAt <= facts.writtenAt) replaced.push({ now: facts, before })
      else lost.add(row)
    }
    const firstSeen = lowestStamp(own.flatMap((row) => row.facts ?? []))
    const folded = await foldTrace(
      trace,
      { added, replaced, firstSeen },
      {
        spans: (ids) => ids.flatMap((spanId) => this.#span(traceId, spanId) ?? []),
        waiting: (ids) => new Map(ids.flatMap((spanId) => this.#waiting(traceId, spanId))),
      },
    )
    if (folded) this.#folded.set(traceId, folded)
    else this.#uncounted.add(traceId)
  }

  /** Whether a trace is one that this transaction creates. */
  isFresh(traceId: string): boolean {
    return this.#fresh.has(traceId)
  }

  /** Creates the traces that are missing, with their whole row. */
  create(traceId: string): void {
    const fresh = this.#fresh.get(traceId)
    if (!fresh) return
    const { row, counted } = madeTrace(this.#projectId, traceId, fresh.state)
    this.#writer.prepare(text.createTrace).run(...row.values, ...counted)
  }

  /** The values of the counted columns of a span; undefined where all are null. */
  countedOf({ leadingKey, facts }: PreparedRowValues): readonly Value[] | undefined {
    const trace = this.#folded.get(leadingKey) ?? this.#fresh.get(leadingKey)
    const counted = facts && trace?.counted.get(facts.spanId)
    return counted && countedValues(facts.own, counted)
  }

  /** Once the spans are stored: brings their ancestors and the rows of their traces up to date. */
  async end(): Promise<void> {
    for (const [traceId, { waiting }] of this.#fresh) this.#wait(traceId, waiting)
    for (const [traceId, { state, ancestors, waiting }] of this.#folded) {
      this.#wait(traceId, waiting)
      for (const [spanId, counted] of ancestors) {
        const before = this.#span(traceId, spanId)
        if (before) this.#update(traceId, before, counted)
        await this.#takeTurn()
      }
      this.#store(traceId, state, this.#existing.get(traceId))
      await this.#takeTurn()
    }
    for (const traceId of this.#uncounted) await this.#recount(traceId, this.#existing.get(traceId))
  }

  /** Counts traces anew: spans were stored or deleted that nothing is known of. One that has spans and no row gets one. */
  async recount(traceIds: readonly string[]): Promise<void> {
    for (const traceId of traceIds) {
      const trace = this.#trace(traceId)
      if (!trace && (await this.#allSpans(traceId)).length > 0) {
        const { row, counted } = madeTrace(this.#projectId, traceId, undefined)
        this.#writer.prepare(text.createTrace).run(...row.values, ...counted)
        await this.#recount(traceId, undefined)
      }
      if (trace) await this.#recount(traceId, trace)
      await this.#takeTurn()
    }
  }

  /**
   * Brings traces up to date with what their author says now, and creates those that are missing.
   *
   * @param spans all spans of traces that are missing
   * @returns the indexes of the rows that say nothing that was not said later
   */
  async write(
    rows: readonly PreparedRowValues[],
    spans: readonly PreparedRowValues[] = [],
  ): Promise<readonly number[]> {
    for (const { leadingKey } of rows) {
      const trace = this.#existing.get(leadingKey) ?? this.#trace(leadingKey)
      if (trace) this.#existing.set(leadingKey, trace)
    }
    const { traces, superseded } = saidTraces(rows, this.#existing)
    for (const [traceId, own] of byTrace([...traces.keys()], spans)) {
      if (this.#existing.has(traceId)) continue
      const facts = own.flatMap((row) => row.facts ?? [])
      this.#fresh.set(traceId, countTrace(facts, lowestStamp(facts)))
    }
    for (const [traceId, said] of traces) {
      const trace = this.#existing.get(traceId)
      const state = trace ? trace.state : this.#fresh.get(traceId)?.state
      const { row, counted } = madeAuthoredTrace(this.#projectId, traceId, state, said)
      const of = (indexes: readonly number[]) => indexes.map((index) => row.values[index] ?? null)
      if (!trace) this.#writer.prepare(text.createTrace).run(...row.values, ...counted)
      else {
        const kept = keptBits(said.content)
        const content = of(contentIndexes).flatMap((value) => [kept, value])
        this.#writer
          .prepare(text.updateAuthored)
          .run(...of(followingIndexes), ...counted, ...of(saidIndexes), ...content, this.#projectId, traceId)
        if (isUncounted(trace)) await this.#recount(traceId, { ...trace, authored: said.authored })
      }
      await this.#takeTurn()
    }
    return superseded
  }

  /** Forgets what waits for parents in a trace that is deleted. */
  forget(traceId: string): void {
    this.#writer.prepare(text.deletePendingOfTrace).run(this.#projectId, traceId)
  }

  async #recount(traceId: string, trace: StoredTrace | undefined): Promise<void> {
    this.recounted += 1
    const all = await this.#allSpans(traceId)
    const facts = all.map((span) => span.facts)
    const firstSeen = Math.min(trace?.state?.firstSeen ?? Number.POSITIVE_INFINITY, lowestStamp(facts))
    const { state, counted, waiting } = await inTurns(countingTrace(facts, firstSeen), this.#takeTurn)
    for (const span of all) {
      const now = countedIn(counted, span.facts.spanId, span.facts.own)
      if (isSameShare(now, span.counted) && textOfBelow(now.below) === textOfBelow(span.counted.below)) continue
      this.#update(traceId, span, now)
      await this.#takeTurn()
    }
    this.forget(traceId)
    this.#wait(traceId, waiting)
    this.#store(traceId, state, trace)
  }

  async #allSpans(traceId: string): Promise<StoredSpan[]> {
    const all: StoredSpan[] = []
    const page = this.#writer.prepare(text.spansAfter).raw()
    for (;;) {
      const rows = page.all(this.#projectId, traceId, all.at(-1)?.facts.spanId ?? '') as Value[][]
      for (const values of rows) all.push(spanOf(values))
      if (rows.length < pageSpans) return all
      await this.#takeTurn()
    }
  }

  #trace(traceId: string): StoredTrace | undefined {
    const row = this.#writer.prepare(text.trace).raw().get(this.#projectId, traceId)
    if (!row) return undefined
    return storedTrace(row as unknown as StoredTexts)
  }

  #span(traceId: string, spanId: string): StoredSpan | undefined {
    const key = `${traceId}\0${spanId}`
    if (this.#spans.has(key)) return this.#spans.get(key)
    const values = this.#writer.prepare(text.span).raw().get(this.#projectId, traceId, spanId) as Value[] | undefined
    const span = values && spanOf(values)
    this.#spans.set(key, span)
    return span
  }

  #waiting(traceId: string, spanId: string): [string, Below][] {
    const below = this.#writer.prepare(text.pending).pluck().get(this.#projectId, traceId, spanId)
    return typeof below === 'string' ? [[spanId, belowOfText(below)]] : []
  }

  #wait(traceId: string, waiting: ReadonlyMap<string, Below | null>): void {
    for (const [spanId, below] of waiting) {
      const usageBelow = below && textOfBelow(below)
      if (usageBelow !== null) {
        this.#writer.prepare(text.writePending).run(this.#projectId, traceId, spanId, usageBelow)
      } else this.#writer.prepare(text.deletePending).run(this.#projectId, traceId, spanId)
    }
  }

  #update(traceId: string, { facts, counted }: StoredSpan, now: Counted): void {
    const values = countedValues(facts.own, now) ?? countedSpecs.spans.map(() => null)
    const isVisible = isSameShare(now, counted) ? 0 : 1
    this.#writer.prepare(text.updateSpan).run(...values, isVisible, this.#projectId, traceId, facts.spanId)
  }

  #store(traceId: string, state: TraceState | undefined, trace: StoredTrace | undefined): void {
    const { row, counted } = madeTrace(this.#projectId, traceId, state, trace?.authored, trace?.writtenAt)
    const values = followingIndexes.map((index) => row.values[index] ?? null)
    this.#writer.prepare(text.updateTrace).run(...values, ...counted, this.#projectId, traceId)
  }
}

const spanOf = (values: readonly Value[]): StoredSpan => {
  const facts = factsOf(values)
  return { facts, counted: countedOfValues(facts.own, values, factColumns.length) }
}
