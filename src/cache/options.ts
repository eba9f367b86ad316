import { ConfigError } from '../errors.ts'
import { withoutUndefined } from '../without-undefined.ts'

/** How reads are cached. */
export interface CacheOptions {
  /**
   * How long an answer may be used, in milliseconds, 1 to 86400000. A write of this process is seen at once. Without
   * Redis a write of another process may be seen this late.
   * @default 30000
   */
  ttlMs?: number | undefined
  /** Answers kept in the process, at least 1. @default 1000 */
  maxEntries?: number | undefined
  /** Estimated bytes of heap that they may take, at least 1024. One answer may take a quarter of it. @default 64 MiB */
  maxBytes?: number | undefined
  /**
   * Whether answers are kept in Redis as well, where other processes find them. Traces with their inputs and outputs
   * are then in Redis for `ttlMs`. With false Redis only says what is out of date. Needs the store's option `redis`.
   * @default true
   */
  shared?: boolean | undefined
  /** How long a read waits for Redis before it asks the database, in milliseconds, 1 to 60000. @default 100 */
  redisWaitMs?: number | undefined
}

export const cacheDefaults = {
  ttlMs: 30_000,
  maxEntries: 1_000,
  maxBytes: 64 * 1024 * 1024,
  shared: true,
  redisWaitMs: 100,
} as const satisfies Required<CacheOptions>

/** Every option with its value. */
export type CacheSettings = { [K in keyof CacheOptions]-?: NonNullable<CacheOptions[K]> }

const limits = {
  ttlMs: [1, 86_400_000],
  maxEntries: [1, 10_000_000],
  maxBytes: [1024, Number.MAX_SAFE_INTEGER],
  redisWaitMs: [1, 60_000],
} as const

/**
 * The options, with defaults for those that are missing.
 *
 * @throws ConfigError for a number that is out of its limits
 */
export function cacheSettings(options: CacheOptions): CacheSettings {
  const settings: CacheSettings = { ...cacheDefaults, ...withoutUndefined(options) }
  for (const [name, [least, most]] of Object.entries(limits)) {
    const value = settings[name as keyof typeof limits]
    if (Number.isInteger(value) && value >= least && value <= most) continue
    throw new ConfigError(`cache.${name} must be an integer from ${least} to ${most}.`)
  }
  return settings
}
