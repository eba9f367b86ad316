import type pg from 'pg'
import { factColumns, factsOf, type SpanFacts } from '../../fold/span-facts.ts'
import { belowOfText, countedOfValues } from '../../fold/stored-form.ts'
import { type Below, measures } from '../../fold/usage.ts'
import type { Value } from '../../rows/accepted-row.ts'
import type { StoredSpan, TraceSource } from '../fold-trace.ts'
import { type Found, lookUp, type SpanKeys } from './fold-statements.ts'

/** A stored span from the values of its facts and of its counted columns. */
export const spanOf = (values: readonly Value[]): StoredSpan => {
  const facts = factsOf(values)
  return { facts, counted: countedOfValues(facts.own, values, factColumns.length) }
}

/** What was looked up of one trace. */
interface FoundOfTrace {
  /** The stored spans among those of the batch. */
  readonly stored: Map<string, StoredSpan>
  /** Those, and ancestors. */
  readonly spans: Map<string, StoredSpan>
  /** What waits for parents. */
  readonly pending: Map<string, Below>
  /** Spans that were asked for, stored or not. */
  readonly asked: Set<string>
}

/** What was looked up for all traces at once; what more is needed of one is asked then. */
export class LookedUp {
  readonly #connection: pg.PoolClient
  readonly #projectId: string
  readonly #traces = new Map<string, FoundOfTrace>()

  constructor(connection: pg.PoolClient, projectId: string) {
    this.#connection = connection
    this.#projectId = projectId
  }

  of(traceId: string): FoundOfTrace {
    const found = this.#traces.get(traceId)
    if (found) return found
    const empty = { stored: new Map(), spans: new Map(), pending: new Map(), asked: new Set<string>() }
    this.#traces.set(traceId, empty)
    return empty
  }

  /** Looks up what is stored of spans, what is above them, and what waits for them and for their parents. */
  async load(spansOf: ReadonlyMap<string, readonly SpanFacts[]>): Promise<void> {
    const [own, above] = [new KeyList(), new KeyList()]
    for (const [traceId, spans] of spansOf) {
      const { asked } = this.of(traceId)
      for (const { spanId } of spans) {
        asked.add(spanId)
        own.add(traceId, spanId)
      }
      for (const { parentId } of spans) {
        if (parentId === null || asked.has(parentId)) continue
        asked.add(parentId)
        above.add(traceId, parentId)
      }
    }
    await this.#query(own, above, own.with(above))
  }

  async #query(spans: SpanKeys, above: SpanKeys, waiting: SpanKeys): Promise<void> {
    const { rows } = await this.#connection.query<Found>(lookUp(this.#projectId, spans, above, waiting))
    this.#take(rows)
  }

  #take(rows: readonly Found[]): void {
    for (const [what, traceId, ...values] of rows) {
      const { stored, spans, pending, asked } = this.of(traceId)
      const spanId = values[0] as string
      if (what === 'pending') {
        pending.set(spanId, belowOfText(values[factColumns.length + measures.length] as string))
        continue
      }
      const span = spanOf(values)
      spans.set(spanId, span)
      if (what === 'span') stored.set(spanId, span)
      else asked.add(spanId)
    }
  }

  source(traceId: string): TraceSource {
    const { spans, pending } = this.of(traceId)
    return {
      spans: async (ids) => {
        await this.#ask(traceId, ids)
        return ids.flatMap((spanId) => spans.get(spanId) ?? [])
      },
      waiting: async (ids) => {
        await this.#ask(traceId, ids)
        return new Map(ids.flatMap((spanId) => (pending.has(spanId) ? [[spanId, pending.get(spanId) as Below]] : [])))
      },
    }
  }

  async #ask(traceId: string, ids: readonly string[]): Promise<void> {
    const { asked } = this.of(traceId)
    const open = new KeyList()
    for (const spanId of ids) {
      if (asked.has(spanId)) continue
      asked.add(spanId)
      open.add(traceId, spanId)
    }
    if (open.spanIds.length > 0) await this.#query(new KeyList(), open, open)
  }
}

/** Spans by trace and id. */
class KeyList implements SpanKeys {
  readonly traceIds: string[] = []
  readonly spanIds: string[] = []

  add(traceId: string, spanId: string): void {
    this.traceIds.push(traceId)
    this.spanIds.push(spanId)
  }

  with({ traceIds, spanIds }: SpanKeys): SpanKeys {
    return { traceIds: [...this.traceIds, ...traceIds], spanIds: [...this.spanIds, ...spanIds] }
  }
}
