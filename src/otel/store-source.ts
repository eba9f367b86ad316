import { setTimeout as delay } from 'node:timers/promises'
import { storageError } from '../driver-errors/storage-error.ts'
import { Deadline, settlesWithin } from '../engines/deadline.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import type { WriterOptions } from '../writers/options.ts'
import { type ExporterOptions, exporterDefaults, type OnUrl } from './options.ts'

/** Where an exporter gets its store from. */
export interface StoreSource {
  /**
   * The store, opened when it is first needed; a database that is away is tried again until the deadline.
   *
   * @throws StorageError when it cannot be opened
   */
  get(deadline: Deadline): Promise<Store>
  /** Ends the use; the last user closes a store that was opened for it. */
  release(deadlineMs: number): Promise<void>
}

/** The store that an exporter's options name. */
export function storeSource(options: ExporterOptions): StoreSource {
  const { projectId } = options
  const scoped = (store: Store) => (projectId === undefined ? store : store.forProject(projectId))
  if (options.store !== undefined) {
    const { store } = options
    return { get: async () => scoped(await store), release: async () => {} }
  }
  const shared = sharedStore(options)
  return {
    get: async (deadline) => scoped(await shared.get(deadline)),
    release: (deadlineMs) => shared.release(deadlineMs),
  }
}

/** Stores that exporters opened, by what they were asked for. */
const open = new Set<SharedStore>()

function sharedStore(options: OnUrl): SharedStore {
  const known = [...open].find((each) => each.fits(options))
  const shared = known ?? new SharedStore(options)
  shared.add(options)
  open.add(shared)
  return shared
}

const firstWaitMs = 100
/** What a store that closes may take beyond its deadline, in milliseconds. */
const graceMs = 500
const longestWaitMs = 5_000

/**
 * Exporters are in every process of a service, and few of their connections are needed for long: none keeps a process
 * running that ends without a shutdown, beyond these milliseconds.
 */
const fewConnections = { minConnections: 0, idleTimeoutMs: 10_000 }

/** One store of several exporters, opened by the first that needs it and closed by the last that ends. */
class SharedStore {
  readonly #url: string | undefined
  readonly #writers: WriterOptions
  #timeoutMs = 0
  #migrate = false
  #users = 0
  #opening: Promise<Store> | undefined
  readonly #closed = new AbortController()

  constructor({ url, writers = {} }: OnUrl) {
    this.#url = url
    this.#writers = writers
  }

  /** Whether an exporter of these options stores as the others do. */
  fits({ url, writers = {} }: OnUrl): boolean {
    const keys = new Set([...Object.keys(writers), ...Object.keys(this.#writers)]) as Set<keyof WriterOptions>
    return url === this.#url && [...keys].every((key) => writers[key] === this.#writers[key])
  }

  add({ migrate = false, timeoutMs = exporterDefaults.timeoutMs }: OnUrl): void {
    this.#users += 1
    this.#migrate ||= migrate
    this.#timeoutMs = Math.max(this.#timeoutMs, timeoutMs)
  }

  async get(deadline: Deadline): Promise<Store> {
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      this.#opening ??= this.#open()
      try {
        return await this.#opening
      } catch (thrown) {
        const error = storageError(thrown, 'open the store of an exporter')
        if (!error.retryable || deadline.leftMs <= waitMs || this.#closed.signal.aborted) throw error
        // A wait that the end cuts short is the last one.
        await delay(waitMs, undefined, { signal: this.#closed.signal }).catch(() => {
          throw error
        })
      }
    }
  }

  async #open(): Promise<Store> {
    // Exporters that are made in the same turn may ask for migrations, or for more time.
    await Promise.resolve()
    const writers = { retryForMs: this.#timeoutMs, ...this.#writers }
    // `false` would overrule what is configured.
    const opening = openStore(this.#url, { migrate: this.#migrate || undefined, writers, ...fewConnections })
    return opening.catch((error) => {
      this.#opening = undefined
      throw error
    })
  }

  async release(deadlineMs: number): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    open.delete(this)
    this.#closed.abort()
    const deadline = new Deadline(deadlineMs)
    // A store that opens too late is closed when it does.
    const closing = this.#opening?.then((store) => store.close(deadline.leftMs))
    if (closing !== undefined && (await settlesWithin(closing, deadlineMs + graceMs))) await closing
  }
}
