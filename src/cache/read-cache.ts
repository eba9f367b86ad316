import { LRUCache } from 'lru-cache'
import type { ReadOptions } from '../engines/pool.ts'
import { limitedRead } from '../engines/read-limit.ts'
import type { CacheTag } from './cache-tag.ts'
import { decodeColumnar, encodeColumnar, type FrozenAnswer } from './columnar-json.ts'
import { freezeAndSize } from './freeze-and-size.ts'
import { LocalTokens } from './local-tokens.ts'
import { type CacheOptions, type CacheSettings, cacheSettings } from './options.ts'
import type { RedisCache } from './redis-cache.ts'

/** Counts of a cache since it was made, and its content. */
export interface CacheStats {
  /** Reads that this process answered. */
  readonly hits: number
  /** Reads that Redis answered. */
  readonly sharedHits: number
  /** Reads that joined an equal one that was running. */
  readonly joined: number
  /** Reads that went to the database, whose answer was kept. */
  readonly misses: number
  /** Reads that went to the database and kept nothing, because Redis could not say what is out of date. */
  readonly bypasses: number
  readonly entries: number
  /** Estimated bytes of heap. */
  readonly bytes: number
}

/** A read that may be answered from the cache. */
export interface CachedRead<T> {
  /** What it depends on: a write that touches any of these makes its answer out of date. */
  readonly tags: readonly CacheTag[]
  /** Identifies it among all reads of the database. */
  readonly key: string
  /** Reads from the database. */
  readonly load: () => Promise<T>
}

interface Entry {
  readonly tokens: string
  readonly answer: unknown
}

interface RunningRead {
  readonly tokens: string
  readonly answer: Promise<unknown>
}

const noCounts = { hits: 0, sharedHits: 0, joined: 0, misses: 0, bypasses: 0 }

/**
 * Answers of the database, kept in the process and, where there is one, in Redis.
 *
 * An answer is kept with the tokens that its tags had before the database was read, and is used only while these are the
 * current ones. A write gives the tags that it touches other tokens: after its commit, before it is acknowledged, and
 * also when it fails. So an answer that was read during a write is never used. Equal reads that run at the same time
 * share one look at the database, unless a write comes between.
 *
 * Answers are frozen, since all callers share them.
 */
export class ReadCache {
  readonly #settings: CacheSettings
  readonly #tokens = new LocalTokens()
  readonly #redis: RedisCache | undefined
  readonly #entries: LRUCache<string, Entry>
  readonly #running = new Map<string, RunningRead>()
  #counts = { ...noCounts }

  constructor(options: CacheOptions = {}, redis?: RedisCache) {
    this.#settings = cacheSettings(options)
    this.#redis = redis
    const { ttlMs, maxEntries, maxBytes } = this.#settings
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      maxEntrySize: Math.floor(maxBytes / 4),
      ttl: ttlMs,
    })
  }

  /**
   * The cached answer while it is up to date, else the database's.
   *
   * @param limits when the read ends; nobody else joins a read that may end early
   */
  read<T>(request: CachedRead<T>, limits: ReadOptions = {}): Promise<T> {
    const isLimited = limits.signal !== undefined || limits.statementTimeoutMs !== undefined
    return isLimited ? limitedRead(limits, 'read', () => this.#read(request, false)) : this.#read(request, true)
  }

  #read<T>(request: CachedRead<T>, mayBeJoined: boolean): Promise<T> {
    const { tags, key } = request
    const tokens = this.#tokens.of(tags)
    const running = this.#running.get(key)
    if (running?.tokens === tokens) {
      this.#counts.joined += 1
      return running.answer as Promise<T>
    }
    const answer = this.#redis ? this.#readShared(request, tokens, this.#redis) : this.#readHere(request, tokens)
    if (!mayBeJoined) return answer
    const own: RunningRead = { tokens, answer }
    this.#running.set(key, own)
    const forget = () => {
      if (this.#running.get(key) === own) this.#running.delete(key)
    }
    answer.then(forget, forget)
    return answer
  }

  /** Makes every answer that depends on these tags out of date. */
  invalidate(tags: readonly CacheTag[]): void {
    this.#tokens.invalidate(tags)
  }

  /** Drops all answers of the process. */
  clear(): void {
    this.#entries.clear()
  }

  stats(): CacheStats {
    return { ...this.#counts, entries: this.#entries.size, bytes: this.#entries.calculatedSize }
  }

  async #readHere<T>(request: CachedRead<T>, tokens: string): Promise<T> {
    const { key, load } = request
    const entry = this.#entries.get(key)
    if (entry?.tokens === tokens) {
      this.#counts.hits += 1
      return entry.answer as T
    }
    this.#counts.misses += 1
    const answer = await load()
    this.#keep(request, tokens, tokens, frozen(answer))
    return answer
  }

  async #readShared<T>(request: CachedRead<T>, local: string, redis: RedisCache): Promise<T> {
    const { tags, key, load } = request
    const mayHit = this.#entries.get(key)?.tokens.startsWith(`${local} `) === true
    const lookup = await redis.lookUp(tags, key, !mayHit)
    if (lookup === undefined) {
      this.#counts.bypasses += 1
      const answer = await load()
      freezeAndSize(answer)
      return answer
    }
    const tokens = `${local} ${lookup.tokens}`
    const entry = this.#entries.get(key)
    if (entry?.tokens === tokens) {
      this.#counts.hits += 1
      return entry.answer as T
    }
    const found = lookup.answer === undefined ? undefined : decoded(lookup.answer)
    if (found !== undefined) {
      this.#counts.sharedHits += 1
      this.#keep(request, local, tokens, found, lookup.leftMs)
      return found.answer as T
    }
    this.#counts.misses += 1
    const loaded = frozen(await load())
    const isKept = this.#keep(request, local, tokens, loaded)
    if (isKept && loaded.answer !== undefined) redis.store(key, lookup.tokens, encodeColumnar(loaded))
    return loaded.answer
  }

  /** Returns whether it was kept: not if it is large, or if a write touched its tags meanwhile. */
  #keep(
    { tags, key }: Pick<CachedRead<unknown>, 'tags' | 'key'>,
    local: string,
    tokens: string,
    { answer, bytes }: FrozenAnswer,
    leftMs = this.#settings.ttlMs,
  ): boolean {
    const size = bytes + 2 * (key.length + tokens.length) + 1
    if (size > this.#settings.maxBytes / 4 || this.#tokens.of(tags) !== local) return false
    this.#entries.set(key, { tokens, answer }, { size, ttl: Math.min(leftMs, this.#settings.ttlMs) })
    return true
  }
}

const frozen = <T>(answer: T) => ({ answer, bytes: freezeAndSize(answer) })

/** Undefined for any text but an answer: another program wrote to the key. */
function decoded(text: string): FrozenAnswer | undefined {
  try {
    return decodeColumnar(text)
  } catch {
    return undefined
  }
}
