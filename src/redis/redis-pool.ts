import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TaskCancelledError,
} from 'cockatiel'
import type { Redis } from 'ioredis'
import { redisError } from '../driver-errors/redis-error.ts'
import { withDeadline } from '../engines/deadline.ts'
import type { Health, HealthCheck } from '../engines/health.ts'
import { driverError } from '../engines/load-driver.ts'
import { ConfigError, RedisError } from '../errors.ts'
import { checkRedisUrl, redisLocation } from './url.ts'

/** How Redis is reached. */
export interface RedisOptions {
  /** `redis://USER:PASSWORD@HOST:PORT/DATABASE`, or `rediss://…` for TLS. */
  url: string
  /** How long Redis may take to answer, in milliseconds, 1 to 60000. @default 5000 */
  timeoutMs?: number | undefined
  /**
   * The start of all keys. Two databases need different ones if one is a copy of the other's files and both use this
   * Redis. @default 'tracehold'
   */
  prefix?: string | undefined
}

async function loadRedisDriver() {
  try {
    return await import('ioredis')
  } catch (error) {
    throw driverError('ioredis', error)
  }
}
type RedisSettings = { readonly prefix: string; readonly timeoutMs: number }

export const redisDefaults = { timeoutMs: 5_000, prefix: 'tracehold' } as const satisfies Partial<RedisOptions>

/** Failures in a row after which calls fail at once for a while. */
const failuresToBreak = 3
/** How long that is, in milliseconds. Then one call may try. */
const restMs = 1_000
/** The longest wait for Redis when a store is opened, in milliseconds. Redis is optional. */
const openMs = 1_000
const maxReconnectMs = 2_000

/**
 * An optional Redis. Every call has a deadline. After some failures in a row calls fail at once, except for one try each
 * second, until Redis answers again. A lost connection is opened again by itself.
 */
export class RedisPool implements HealthCheck {
  readonly name = 'redis'
  readonly required = false
  /** Its URL without the password, for messages and logs. */
  readonly location: string
  readonly prefix: string
  readonly timeoutMs: number
  readonly #client: Redis
  readonly #breaker: CircuitBreakerPolicy
  /** Why the last try to connect failed. */
  #failure: unknown
  #lostListeners: (() => void)[] = []

  private constructor(client: Redis, location: string, { prefix, timeoutMs }: RedisSettings) {
    this.#client = client
    this.location = location
    this.prefix = prefix
    this.timeoutMs = timeoutMs
    const breaksCircuit = handleWhen((error) => error instanceof RedisError && error.retryable)
    this.#breaker = circuitBreaker(breaksCircuit, {
      halfOpenAfter: restMs,
      breaker: new ConsecutiveBreaker(failuresToBreak),
    })
    client.on('error', (error) => {
      this.#failure = error
    })
    client.on('ready', () => {
      this.#failure = undefined
    })
    client.on('close', () => {
      for (const listener of this.#lostListeners) listener()
    })
  }

  /**
   * Connects to Redis. If it does not answer, that is no error: connecting goes on in the background.
   *
   * @throws ConfigError for a URL or an option that cannot be used, or when ioredis is not installed
   */
  static async open(given: string | RedisOptions): Promise<RedisPool> {
    const options = typeof given === 'string' ? { url: given } : given
    const { prefix = redisDefaults.prefix, timeoutMs = redisDefaults.timeoutMs } = options
    checkRedisUrl(options.url)
    if (!(timeoutMs >= 1 && timeoutMs <= 60_000)) throw new ConfigError('redis.timeoutMs must be from 1 to 60000.')
    const ioredis = await loadRedisDriver()
    const client = new ioredis.Redis(options.url, {
      lazyConnect: true,
      connectTimeout: timeoutMs,
      // Finds a connection that is open and dead.
      socketTimeout: timeoutMs,
      // A call never waits for a new connection. It fails, and its caller goes on without Redis.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), maxReconnectMs),
      connectionName: 'tracehold',
      // For a lost connection the client would wait for its end, and keep the process alive for two seconds.
      disconnectTimeout: 100,
    })
    const pool = new RedisPool(client, redisLocation(options.url), { prefix, timeoutMs })
    await withDeadline(client.connect(), Math.min(openMs, timeoutMs), 'connect to Redis', () => {}).catch(() => {})
    return pool
  }

  /**
   * Runs commands.
   *
   * @param during the action, for the message of an error
   * @throws RedisError when Redis is lost, late or refuses; at once after several failures
   */
  async run<T>(
    during: string,
    commands: (client: Redis) => Promise<T>,
    deadlineMs: number = this.timeoutMs,
  ): Promise<T> {
    const attempt = async () => {
      try {
        return await withDeadline(commands(this.#client), deadlineMs, during, () => {})
      } catch (error) {
        throw redisError(error, during, this.#failure)
      }
    }
    try {
      return await this.#breaker.execute(attempt)
    } catch (error) {
      if (!(error instanceof BrokenCircuitError) && !(error instanceof TaskCancelledError)) throw error
      throw redisError(undefined, during, this.#failure)
    }
  }

  /** A separate connection for commands that wait at the server. The caller disconnects it. */
  connection(): Redis {
    const client = this.#client.duplicate({
      socketTimeout: undefined,
      enableOfflineQueue: true,
      maxRetriesPerRequest: 0,
    })
    // Its commands fail, so its user learns of the loss.
    client.on('error', () => {})
    return client
  }

  /** Calls `listener` when the connection is lost: the last commands may not have arrived, and Redis may lose data. */
  onLost(listener: () => void): void {
    this.#lostListeners.push(listener)
  }

  async check(): Promise<Health> {
    const started = performance.now()
    try {
      // Not through the breaker: a check reports the present state.
      const info = await withDeadline(this.#client.info('server'), this.timeoutMs, 'ask Redis', () => {})
      const version = /redis_version:(\S+)/.exec(info)?.[1]
      return { ok: true, latencyMs: performance.now() - started, ...(version && { version }) }
    } catch (error) {
      const { message } = redisError(error, `ask ${this.location}`, this.#failure)
      return { ok: false, latencyMs: performance.now() - started, error: message }
    }
  }

  /** Disconnects. Safe to call twice. */
  async close(): Promise<void> {
    this.#lostListeners = []
    this.#client.disconnect()
  }
}
