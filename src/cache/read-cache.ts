import { LRUCache } from 'lru-cache'
import type { Scope } from './cache-tag.ts'
import { packAnswer, type SealedAnswer, unpackAnswer } from './columnar-json.ts'
import { seal } from './freeze-and-size.ts'
import { LocalTokens } from './local-tokens.ts'
import { type CacheOptions, type CacheSettings, cacheSettings } from './options.ts'
import type { SharedAnswers } from './redis-cache.ts'

/** What a cache did since it was made, and what it holds. */
export interface CacheStats {
  /** Reads that were answered from this process. */
  readonly hits: number
  /** Reads that were answered from Redis. */
  readonly sharedHits: number
  /** Reads that joined one that was on its way. */
  readonly joined: number
  /** Reads that asked the database, and kept the answer. */
  readonly misses: number
  /** Reads that asked the database and kept nothing, because Redis could not tell what is out of date. */
  readonly bypasses: number
  readonly entries: number
  /** Estimated bytes of heap. */
  readonly bytes: number
}

/** A question to the database. */
export interface Question<T> {
  /** What it depends on; a write of any of these makes its answer out of date. */
  readonly scopes: readonly Scope[]
  /** Names it among all questions of the database. */
  readonly name: string
  /** Asks the database. */
  readonly load: () => Promise<T>
}

interface Kept {
  readonly tokens: string
  readonly answer: unknown
}

interface Flight {
  readonly tokens: string
  readonly answer: Promise<unknown>
}

const noCounts = { hits: 0, sharedHits: 0, joined: 0, misses: 0, bypasses: 0 }

/**
 * Answers of the database, kept in the process and, where there is one, in Redis.
 *
 * Every answer is kept with the tokens that its scopes had before the database was asked. A write drops the tokens of
 * what it touched after its commit and before it is acknowledged, whether it succeeded or not. So an answer is used
 * only while its tokens are the current ones, and one that was read while something was written is kept under tokens
 * that nobody will ask for. Reads of the same question share one look at the database, unless a write lies between.
 *
 * Answers are shared by all who ask: they are frozen.
 */
export class ReadCache {
  readonly #settings: CacheSettings
  readonly #tokens = new LocalTokens()
  readonly #shared: SharedAnswers | undefined
  readonly #kept: LRUCache<string, Kept>
  readonly #flights = new Map<string, Flight>()
  #counts = { ...noCounts }

  constructor(options: CacheOptions = {}, shared?: SharedAnswers) {
    this.#settings = cacheSettings(options)
    this.#shared = shared
    const { ttlMs, maxEntries, maxBytes } = this.#settings
    this.#kept = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      maxEntrySize: Math.floor(maxBytes / 4),
      ttl: ttlMs,
    })
  }

  /** The answer to a question: a kept one that is up to date, else the database's. */
  read<T>(question: Question<T>): Promise<T> {
    const { scopes, name } = question
    const tokens = this.#tokens.of(scopes)
    const flight = this.#flights.get(name)
    if (flight?.tokens === tokens) {
      this.#counts.joined += 1
      return flight.answer as Promise<T>
    }
    const answer = this.#shared ? this.#readShared(question, tokens, this.#shared) : this.#readHere(question, tokens)
    const own: Flight = { tokens, answer }
    this.#flights.set(name, own)
    const land = () => {
      if (this.#flights.get(name) === own) this.#flights.delete(name)
    }
    answer.then(land, land)
    return answer
  }

  /** What was read of these scopes is out of date. */
  drop(scopes: readonly Scope[]): void {
    this.#tokens.drop(scopes)
  }

  /** Forgets all that is kept in the process. */
  clear(): void {
    this.#kept.clear()
  }

  stats(): CacheStats {
    return { ...this.#counts, entries: this.#kept.size, bytes: this.#kept.calculatedSize }
  }

  async #readHere<T>(question: Question<T>, tokens: string): Promise<T> {
    const { name, load } = question
    const kept = this.#kept.get(name)
    if (kept?.tokens === tokens) {
      this.#counts.hits += 1
      return kept.answer as T
    }
    this.#counts.misses += 1
    const answer = await load()
    this.#keep(question, tokens, tokens, sealed(answer))
    return answer
  }

  async #readShared<T>(question: Question<T>, local: string, shared: SharedAnswers): Promise<T> {
    const { scopes, name, load } = question
    const mayHit = this.#kept.get(name)?.tokens.startsWith(`${local} `) === true
    const look = await shared.look(scopes, name, !mayHit)
    if (look === undefined) {
      this.#counts.bypasses += 1
      const answer = await load()
      seal(answer)
      return answer
    }
    const tokens = `${local} ${look.tokens}`
    const kept = this.#kept.get(name)
    if (kept?.tokens === tokens) {
      this.#counts.hits += 1
      return kept.answer as T
    }
    const found = look.answer === undefined ? undefined : unpacked(look.answer)
    if (found !== undefined) {
      this.#counts.sharedHits += 1
      this.#keep(question, local, tokens, found, look.leftMs)
      return found.answer as T
    }
    this.#counts.misses += 1
    const loaded = sealed(await load())
    const isKept = this.#keep(question, local, tokens, loaded)
    if (isKept && loaded.answer !== undefined) shared.keep(name, look.tokens, packAnswer(loaded))
    return loaded.answer
  }

  /** Answers whether it was kept: not what is large, nor what something was written to meanwhile. */
  #keep(
    { scopes, name }: Pick<Question<unknown>, 'scopes' | 'name'>,
    local: string,
    tokens: string,
    { answer, bytes }: SealedAnswer,
    leftMs = this.#settings.ttlMs,
  ): boolean {
    const size = bytes + 2 * (name.length + tokens.length) + 1
    if (size > this.#settings.maxBytes / 4 || this.#tokens.of(scopes) !== local) return false
    this.#kept.set(name, { tokens, answer }, { size, ttl: Math.min(leftMs, this.#settings.ttlMs) })
    return true
  }
}

const sealed = <T>(answer: T) => ({ answer, bytes: seal(answer) })

/** Undefined for what is no answer: somebody else wrote to the key. */
function unpacked(text: string): SealedAnswer | undefined {
  try {
    return unpackAnswer(text)
  } catch {
    return undefined
  }
}
