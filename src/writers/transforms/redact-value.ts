import type { AttributeTypes } from '../../../schema/values.ts'
import { pointerTo } from '../../formats/otlp/type-notes.ts'

/** What is replaced, and by what. */
export interface RedactionRules {
  /** Whether the value of a name is replaced whole. */
  readonly isKey: (name: string) => boolean
  /** A text with every match of a pattern replaced; the same text where none matches. */
  readonly clean: (text: string) => string
  readonly replacement: string
}

/** JSON texts inside JSON texts are read this deep. */
const deepestText = 4

/** Replaces what rules name in the values of one record, and remembers what it replaced. */
export class ValueRedaction {
  /** Pointers of the values that are others now. */
  readonly changed: string[] = []
  /** Texts that a key named: columns that repeat them are replaced as well. */
  readonly #hidden = new Set<string>()
  readonly #rules: RedactionRules
  readonly #types: AttributeTypes

  constructor(rules: RedactionRules, types: AttributeTypes | null | undefined) {
    this.#rules = rules
    this.#types = types ?? {}
  }

  /** A text without what patterns and keys name; JSON in it stays JSON. */
  text(text: string, depth = 0): string {
    if (this.#hidden.has(text)) return this.#rules.replacement
    return this.#rules.clean(this.#json(text, depth))
  }

  /** What a key names. */
  whole(value: unknown): string {
    if (typeof value === 'string' && value !== '') this.#hidden.add(value)
    return this.#rules.replacement
  }

  /** A JSON value without what the rules name; the same value where there is nothing. */
  value(value: unknown, pointer: string, depth = 0): unknown {
    if (typeof value === 'string')
      return this.#noted(value, this.#bytes(value, pointer) ?? this.text(value, depth), pointer)
    if (typeof value === 'number' || typeof value === 'bigint') {
      const text = String(value)
      return this.#rules.clean(text) === text ? value : this.#noted(value, this.#rules.replacement, pointer)
    }
    if (typeof value !== 'object' || value === null) return value
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.value(value.toJSON(), pointer, depth)
    return Array.isArray(value) ? this.#list(value, pointer, depth) : this.#object(value, pointer, depth)
  }

  #list(list: readonly unknown[], pointer: string, depth: number): unknown {
    let copy: unknown[] | undefined
    for (let i = 0; i < list.length; i += 1) {
      const item = this.value(list[i], pointerTo(pointer, i), depth)
      if (item === list[i]) continue
      copy ??= [...list]
      copy[i] = item
    }
    return copy ?? list
  }

  #object(object: object, pointer: string, depth: number): unknown {
    let isChanged = false
    const members = Object.entries(object).map(([name, given]): [string, unknown] => {
      const at = pointerTo(pointer, name)
      const kept = this.#rules.isKey(name) ? this.#noted(given, this.whole(given), at) : this.value(given, at, depth)
      const cleanName = this.#rules.clean(name)
      if (cleanName !== name) this.changed.push(at)
      isChanged ||= kept !== given || cleanName !== name
      return [cleanName, kept]
    })
    return isChanged ? Object.fromEntries(members) : object
  }

  #noted<T>(before: unknown, after: T, pointer: string): T {
    if (before !== after) this.changed.push(pointer)
    return after
  }

  /** Bytes stand in base64, where no pattern finds anything. */
  #bytes(base64: string, pointer: string): string | undefined {
    if (this.#types[pointer] !== 'bytes') return undefined
    const text = Buffer.from(base64, 'base64').toString('latin1')
    return this.#rules.clean(text) === text ? base64 : this.#rules.replacement
  }

  /** JSON that is kept as text, as messages and arguments of tools are, with what is inside it replaced. */
  #json(text: string, depth: number): string {
    if (depth >= deepestText || !/^\s*[[{]/.test(text) || !/[\]}]\s*$/.test(text)) return text
    let document: unknown
    try {
      document = JSON.parse(text)
    } catch {
      return text
    }
    const notes = this.changed.length
    const clean = this.value(document, '', depth + 1)
    // Pointers into a text are none of the row's.
    this.changed.length = notes
    return clean === document ? text : JSON.stringify(clean)
  }
}
