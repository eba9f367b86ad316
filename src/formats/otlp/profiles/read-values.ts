import type { Json, JsonObject, SpanKind } from '../../../../schema/values.ts'
import type { EventRecord } from '../../../rows/records.ts'
import { setMember } from '../read-value.ts'
import { indexOf as at, type CompiledProfile, columns, type Slot } from './compile.ts'
import { type SpanClass, spanClassOf } from './kinds.ts'

/** What a span is read from. */
export interface Readable {
  readonly name: string
  readonly startMicros: number
  readonly attributes: JsonObject
  readonly resource: JsonObject
  readonly events: readonly EventRecord[]
}

interface Pending {
  readonly slot: Slot
  readonly value: unknown
}

const none = Number.POSITIVE_INFINITY
const isUnread: ReadonlySet<string> = new Set()

/**
 * The values of one span, read in one pass over its attributes: each name is looked up once, whatever the number of
 * names that a column has. A value that makes no sense in its column is passed over.
 */
export class SpanValues {
  readonly #values: unknown[] = new Array(columns.length).fill(null)
  readonly #ranks: number[] = new Array(columns.length).fill(none)
  readonly #span: Readable
  readonly #profile: CompiledProfile
  #class: SpanClass | undefined
  #classRank = none
  #pending: Pending[] | undefined
  /** The ranks of the content sources that the attributes have. */
  inputRank = none
  outputRank = none
  /** Names of attributes that nothing is read from although they look like a column. */
  unread: ReadonlySet<string> = isUnread

  constructor(profile: CompiledProfile, span: Readable) {
    this.#profile = profile
    this.#span = span
    const { attributes } = span
    for (const name of Object.keys(attributes)) {
      const value = attributes[name]
      if (value !== undefined && value !== null) this.#read(name, value)
    }
    for (const [name, slots] of profile.resource) {
      const value = span.resource[name]
      if (value !== undefined && value !== null) for (const slot of slots) this.#offer(slot, value)
    }
    if (span.events.length > 0) this.#readEvents(span.events)
    for (const { name, rank, spanClass } of profile.nameKinds) {
      if (rank < this.#classRank && name.test(span.name)) this.#take(spanClass, rank)
    }
  }

  /** @param column the index of the column: a look-up by its name would cost as much as the reading */
  get<T>(column: number): T | null {
    return this.#values[column] as T | null
  }

  /** Which of a column's sources its value is from. */
  rank(column: number): number {
    return this.#ranks[column] ?? none
  }

  /** The kind that a rule shows; undefined where none does. */
  get spanClass(): SpanClass | undefined {
    return this.#class
  }

  /** Reads what means something only for this kind. */
  readFor(kind: SpanKind): void {
    for (const { slot, value } of this.#pending ?? []) if (slot.kinds?.includes(kind)) this.#set(slot, value)
    for (const { column, rank, name, kinds } of this.#profile.nameParts) {
      if (rank >= (this.#ranks[column] ?? none) || !kinds.includes(kind)) continue
      const part = name.exec(this.#span.name)?.[1]
      if (part === undefined) continue
      this.#values[column] = part
      this.#ranks[column] = rank
    }
  }

  #read(name: string, value: Json): void {
    const meaning = this.#profile.meaning(name)
    const { slots, kinds, content } = meaning
    for (let i = 0; i < slots.length; i += 1) this.#offer(slots[i] as Slot, value)
    for (const { rank, read } of kinds) {
      if (rank >= this.#classRank) continue
      const spanClass = read(value)
      if (spanClass !== undefined) this.#take(spanClass, rank)
    }
    if (content.length > 0 && value !== '') {
      for (const { side, rank } of content) {
        if (side === 'input') this.inputRank = Math.min(this.inputRank, rank)
        else this.outputRank = Math.min(this.outputRank, rank)
      }
    }
    if (meaning.looksUnread) this.unread = new Set([...this.unread, name])
  }

  #take(spanClass: SpanClass, rank: number): void {
    this.#class = spanClass
    this.#classRank = rank
  }

  #offer(slot: Slot, given: Json): void {
    const { column, rank, collect } = slot
    const best = this.#ranks[column] ?? none
    if (rank > best || (rank === best && collect === undefined)) return
    const value = slot.read(given)
    if (value === null) return
    if (slot.kinds === undefined) this.#set(slot, value)
    else {
      this.#pending ??= []
      this.#pending.push({ slot, value })
    }
  }

  #set(slot: Slot, value: unknown): void {
    const { column, rank, collect, isInstant } = slot
    const best = this.#ranks[column] ?? none
    if (rank > best) return
    const known = rank === best ? this.#values[column] : null
    this.#ranks[column] = rank
    if (collect === 'list') this.#values[column] = [...((known as readonly unknown[] | null) ?? []), ...(value as [])]
    else if (collect !== undefined) {
      const object = (known as Record<string, Json> | null) ?? {}
      setMember(object, collect.member, value as Json)
      this.#values[column] = object
    } else this.#values[column] = isInstant ? this.#sinceStart(value as number) : value
  }

  /** An instant as milliseconds from the span's start; none where it is before it. */
  #sinceStart(micros: number): number | null {
    const ms = (micros - this.#span.startMicros) / 1000
    return ms >= 0 ? ms : null
  }

  #readEvents(events: readonly EventRecord[]): void {
    // The last event of a name wins, so they are read from the end.
    for (let i = events.length - 1; i >= 0; i -= 1) {
      const event = events[i] as EventRecord
      if (this.#profile.contentEvents.has(event.name)) this.#noteContent(event.name)
      const slots = this.#profile.events.get(event.name)
      if (slots === undefined) continue
      for (const [name, list] of slots) {
        const value = event.attributes?.[name]
        if (value !== undefined && value !== null) for (const slot of list) this.#offer(slot, value)
      }
    }
  }

  #noteContent(name: string): void {
    const rankOf = (sources: CompiledProfile['input']) => {
      const rank = sources.findIndex(
        (each) => typeof each === 'object' && 'events' in each && each.events.includes(name),
      )
      return rank < 0 ? none : rank
    }
    this.inputRank = Math.min(this.inputRank, rankOf(this.#profile.input))
    this.outputRank = Math.min(this.outputRank, rankOf(this.#profile.output))
  }
}

/** What a span is by what it has, where no rule says it. */
export function classByEvidence(values: SpanValues, hasMessages: boolean): SpanClass {
  if (values.get(at.toolName) !== null || values.get(at.toolCallId) !== null) return withoutOperation('tool')
  if (values.get(at.requestModel) !== null || values.get(at.responseModel) !== null || hasMessages) {
    return withoutOperation('llm')
  }
  if (values.get(at.agentName) !== null || values.get(at.agentId) !== null) return withoutOperation('agent')
  return withoutOperation('other')
}

const withoutOperation = (kind: SpanKind): SpanClass => ({ ...spanClassOf(kind), operation: null })
