import { setTimeout as delay } from 'node:timers/promises'
import { ConnectionError, StorageError, TimeoutError } from '../../errors.ts'
import type { Health, HealthCheck } from '../health.ts'
import { askVersion } from './health.ts'
import type { ReadConnections } from './read-connections.ts'

const probeEveryMs = 2_000
const lookEveryMs = 20
/** How long a replica that cannot say how far it is may be behind. */
const longestLagMs = 1_000

/**
 * A copy of the database that takes the reads. When it is lost it is left out, so that no read waits for it again; a
 * probe in the background brings it back. When this process has written it is left out too, until it has what was
 * written: a read never misses what its own process stored before.
 */
export class Replica implements HealthCheck {
  readonly name = 'replica'
  readonly required = false
  readonly connections: ReadConnections
  #isLost = false
  /** The position in the primary's log that a read must see. */
  #mustHave: bigint | undefined
  #isWatched = false
  #closed = false

  constructor(connections: ReadConnections) {
    this.connections = connections
  }

  /** Whether reads go here now. */
  get isUsed(): boolean {
    return !this.#isLost && this.#mustHave === undefined && !this.#closed
  }

  /** Reads here; undefined when that is not possible now, and the primary has to be asked. */
  async read<T>(read: (connections: ReadConnections) => Promise<T>): Promise<T | undefined> {
    if (!this.isUsed) return undefined
    try {
      return await read(this.connections)
    } catch (error) {
      if (isLoss(error)) {
        this.#isLost = true
        void this.#watch()
      } else if (!wouldPassElsewhere(error)) throw error
      return undefined
    }
  }

  /** From now on reads must see what the primary had at this position of its log. */
  follow(position: string): void {
    const wanted = logPosition(position)
    if (this.#mustHave !== undefined && wanted <= this.#mustHave) return
    this.#mustHave = wanted
    void this.#watch()
  }

  check(): Promise<Health> {
    return askVersion(this.connections)
  }

  close(deadlineMs: number): Promise<void> {
    this.#closed = true
    return this.connections.close(deadlineMs)
  }

  /** Brings the replica back when it is found and has what it must have. */
  async #watch(): Promise<void> {
    if (this.#isWatched) return
    this.#isWatched = true
    while (!this.isUsed && !this.#closed) {
      await delay(this.#isLost ? probeEveryMs : lookEveryMs, undefined, { ref: false })
      await this.#look()
    }
    this.#isWatched = false
  }

  async #look(): Promise<void> {
    const wanted = this.#mustHave
    try {
      const [row] = await this.connections.query({ text: 'select pg_last_wal_replay_lsn()::text', params: [] })
      this.#isLost = false
      // No position at all: this is no standby but a server of its own, such as a logical replica.
      const isThere = row?.[0] === null || (wanted !== undefined && logPosition(String(row?.[0])) >= wanted)
      if (isThere && wanted === this.#mustHave) this.#mustHave = undefined
    } catch (error) {
      if (isLoss(error)) this.#isLost = true
      else if (!this.#closed) {
        // It answers, but has no such function, as some managed databases.
        await delay(longestLagMs, undefined, { ref: false })
        this.#isLost = false
        if (wanted === this.#mustHave) this.#mustHave = undefined
      }
    }
  }
}

/** A position in the log, `16/B374D848`, as a number. */
function logPosition(position: string): bigint {
  const [high = '0', low = '0'] = position.split('/')
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`)
}

/** A statement that the server itself stopped for its length is no sign of loss: that error has a cause. */
const isLoss = (error: unknown) =>
  error instanceof ConnectionError || (error instanceof TimeoutError && error.cause === undefined)

/** A conflict with what is being replayed, or too many connections. */
const wouldPassElsewhere = (error: unknown) =>
  error instanceof StorageError && error.retryable && !(error instanceof TimeoutError)
