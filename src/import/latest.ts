/**
 * Values of the latest keys: at least half of `most` of them, and never more than `most`. Made for keys that hardly any
 * comes again of: to set one costs what a map takes.
 */
export class Latest<Value> {
  readonly #half: number
  #recent = new Map<string, Value>()
  #older: ReadonlyMap<string, Value> = new Map()

  constructor(most: number) {
    this.#half = most / 2
  }

  get(key: string): Value | undefined {
    return this.#recent.get(key) ?? this.#older.get(key)
  }

  set(key: string, value: Value): void {
    if (this.#recent.size >= this.#half) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, value)
  }
}
