import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectionOptions } from 'node:tls'
import type { RetryPolicy } from 'cockatiel'
import { mayConnectSoon } from '../../driver-errors/may-connect-soon.ts'
import { storageError } from '../../driver-errors/storage-error.ts'
import { ConnectionError } from '../../errors.ts'
import { withoutUndefined } from '../../without-undefined.ts'
import { connectRetry, type RetryOptions, retryDefaults } from '../connect-retry.ts'
import { Deadline } from '../deadline.ts'
import { type TlsMode, type TlsOptions, tlsConnection } from '../tls.ts'
import type { PostgresAddress, ServerAddress } from './url.ts'

/** The longest wait of a read for a lost server, in milliseconds: somebody waits for it. */
const longestWaitMs = 500

/**
 * The servers that a URL names, and how both drivers get to them. One server is the current one: new connections go
 * there until it cannot be reached or turns out to take no writes; then the next one is.
 */
export class PostgresServers {
  readonly address: PostgresAddress
  /** How a session encrypts; false for not at all. */
  readonly tls: ConnectionOptions | false
  readonly tlsMode: TlsMode
  /** Whether the server must prove its identity with a certificate. */
  readonly isVerified: boolean
  /** Called when new connections go to another server from now on. */
  onMove: () => void = () => {}
  readonly #retry: RetryPolicy
  readonly #retryOptions: RetryOptions
  /** Whether a server has answered: then it is known to exist, and its loss will pass. */
  #wasReached = false
  /** Servers that have no TLS, where the mode lets us do without. */
  readonly #plain = new Set<ServerAddress>()
  #current: ServerAddress

  /** @throws ConfigError when a file of `tls` cannot be read */
  constructor(address: PostgresAddress, tls: TlsOptions = {}, retry: RetryOptions = {}) {
    const [first] = address.hosts
    if (!first) throw new TypeError('an address without a host') // the parser always gives one
    const settings: TlsOptions = { ...address.tls, ...withoutUndefined(tls) }
    this.address = address
    this.tls = tlsConnection(settings)
    this.tlsMode = settings.mode ?? 'prefer'
    this.isVerified = this.tls !== false && this.tls.rejectUnauthorized === true
    this.#retry = connectRetry(retry)
    this.#retryOptions = retry
    this.#current = first
  }

  get current(): ServerAddress {
    return this.#current
  }

  /** Whether a connection must be asked if it can write: only where there is another server to go to. */
  get mustFindPrimary(): boolean {
    return this.address.hosts.length > 1 && !this.address.standbyWillDo
  }

  /** Encryption of a connection to a server; a copy, since drivers change what they are given. */
  tlsFor(server: ServerAddress): ConnectionOptions | false {
    return this.tls && !isSocket(server) && !this.#plain.has(server) ? { ...this.tls } : false
  }

  /** Whether connections do without TLS where a server has none. */
  get isTlsOptional(): boolean {
    return this.tlsMode === 'prefer' || this.tlsMode === 'allow'
  }

  /** Notes that a server has no TLS, where it is optional: connections made from now on do not ask for it. */
  doWithoutTls(server: ServerAddress): void {
    this.#plain.add(server)
  }

  /**
   * Runs what needs a connection: again on the next server, and again after a wait, while no connection comes about.
   *
   * @param retryForMs how long to try again where a server was reached before and `maxAttempts` has its default
   * @throws StorageError of the last try
   */
  async reach<T>(during: string, connect: () => Promise<T>, retryForMs = 0): Promise<T> {
    const deadline = new Deadline(retryForMs)
    try {
      return await this.#tryEach(during, connect)
    } catch (failure) {
      if (!mayConnectSoon(failure)) throw failure
      const { maxAttempts = retryDefaults.maxAttempts } = this.#retryOptions
      const isTimed = retryForMs > 0 && this.#wasReached && maxAttempts === retryDefaults.maxAttempts
      if (isTimed) return this.#reachBefore(deadline, during, connect, failure)
      // The policy costs a read a tenth of its time: it counts and waits from the first failure on.
      return this.#retry.execute(({ attempt }) =>
        attempt === 0 ? Promise.reject(failure) : this.#tryEach(during, connect),
      )
    }
  }

  async #reachBefore<T>(deadline: Deadline, during: string, connect: () => Promise<T>, failure: unknown): Promise<T> {
    const { initialDelayMs, multiplier } = { ...retryDefaults, ...withoutUndefined(this.#retryOptions) }
    let last = failure
    for (let waitMs = initialDelayMs; deadline.leftMs > 0 && mayConnectSoon(last); waitMs *= multiplier) {
      await delay(Math.random() * Math.min(waitMs, longestWaitMs, deadline.leftMs))
      try {
        return await this.#tryEach(during, connect)
      } catch (error) {
        last = error
      }
    }
    throw last
  }

  async #tryEach<T>(during: string, connect: () => Promise<T>): Promise<T> {
    for (let left = this.address.hosts.length; ; ) {
      const server = this.#current
      try {
        const result = await connect()
        this.#wasReached = true
        return result
      } catch (thrown) {
        if (this.isTlsOptional && saysNoTls(thrown)) {
          this.doWithoutTls(server)
          continue
        }
        const error = storageError(thrown, during)
        left -= 1
        if (left < 1 || !(error instanceof ConnectionError && error.retryable)) throw error
        this.#moveFrom(server)
      }
    }
  }

  #moveFrom(server: ServerAddress): void {
    // Many calls fail together; only the first of them moves on.
    if (server !== this.#current) return
    const { hosts } = this.address
    this.#current = hosts[(hosts.indexOf(server) + 1) % hosts.length] ?? server
    this.onMove()
  }
}

/** pg takes `prefer` for `require`; it says so with this message alone. */
const saysNoTls = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.message === 'The server does not support SSL connections'

/** Whether a server is reached through a Unix socket, where there is nothing to encrypt. */
export const isSocket = ({ host }: ServerAddress): boolean => host.startsWith('/')
