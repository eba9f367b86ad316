import { PoolError } from '../../errors.ts'
import { Deadline, settlesWithin } from '../deadline.ts'
import { LeasePool } from '../lease-pool.ts'
import type { Read } from '../reader.ts'
import { SqliteReadThread } from './read-thread.ts'

/** What the threads work on. */
export interface ReadThreadsOptions {
  readonly path: string
  readonly threads: number
  readonly busyTimeoutMs: number
  /** How long a read waits for a thread, in milliseconds. */
  readonly waitMs: number
}

/** A place for a thread, which is started when it is first needed, and again after it was given up. */
interface Slot {
  thread?: SqliteReadThread
}

/** How long threads may take to end, in milliseconds. */
const farewellMs = 1_000

/**
 * Threads that read, each for one caller at a time: SQLite answers while it is called, and would keep the event loop for
 * as long as a question takes.
 */
export class SqliteReadThreads {
  readonly #options: ReadThreadsOptions
  readonly #slots: readonly Slot[]
  readonly #leases: LeasePool<Slot>
  #mayStart: boolean

  constructor(options: ReadThreadsOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.threads }, () => ({}))
    this.#leases = new LeasePool(this.#slots)
    this.#mayStart = options.threads > 0
  }

  /** Whether there are threads: none may be wanted, and Node's permission model may allow none. */
  get mayStart(): boolean {
    return this.#mayStart
  }

  /**
   * Runs statements as of one moment, and returns the rows of each; undefined where no thread can be started.
   *
   * @param end ends the reading
   * @throws PoolError when no thread was free in time; the driver's errors
   */
  read(during: string, reads: readonly Read[], end?: AbortSignal): Promise<unknown[][][] | undefined> {
    return this.#leases.run({ during, waitMs: this.#options.waitMs }, async (slot) => {
      // Nobody waits for the answer any more.
      if (end?.aborted) return []
      if (slot.thread === undefined || slot.thread.isOver) {
        try {
          slot.thread = new SqliteReadThread(this.#options.path, this.#options.busyTimeoutMs)
        } catch {
          this.#mayStart = false
          return undefined
        }
      }
      return slot.thread.read(reads, end)
    })
  }

  /** Lets reads end until the deadline, then ends them and the threads. */
  async close(deadlineMs: number): Promise<void> {
    const deadline = new Deadline(deadlineMs)
    await settlesWithin(this.#leases.drain(), deadline.leftMs)
    this.#leases.dismiss(new PoolError('The pool was closed.'))
    await Promise.all(this.#slots.map(({ thread }) => thread?.close(farewellMs)))
  }
}
