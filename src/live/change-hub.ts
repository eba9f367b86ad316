import type { Pool } from '../engines/pool.ts'
import { onWrite, type WriteEvent } from '../engines/write-events.ts'
import type { Entity } from '../rows/accepted-row.ts'
import type { ChangeNotifier } from './change-notifier.ts'
import type { PollSignal } from './poll-signal.ts'

interface Subscriber {
  readonly projectId: string
  readonly entity: Entity
  readonly signal: PollSignal
}

/**
 * Notifies subscribers of writes to their table, by this process and by others. It listens to other processes only
 * while there is a subscriber.
 */
export class ChangeHub {
  readonly #notifier: ChangeNotifier | undefined
  readonly #subscribers = new Set<Subscriber>()
  readonly #pool: Pool
  readonly #sends: boolean
  /** Tables with writes that no notice was sent for yet, by project. */
  readonly #unsent = new Map<string, Set<Entity>>()
  #sending: Promise<void> | undefined
  #remote: AbortController | undefined
  #stopLocal: (() => void) | undefined

  /** @param sends whether other processes get notices of this one's writes; it needs a notifier */
  constructor(pool: Pool, notifier: ChangeNotifier | undefined, sends: boolean) {
    this.#pool = pool
    this.#notifier = notifier
    this.#sends = sends && notifier !== undefined
    if (this.#sends) this.#listenHere()
  }

  /** Notifies a signal of every write to a table. Returns what unsubscribes. */
  subscribe(projectId: string, entity: Entity, signal: PollSignal): () => void {
    const subscriber = { projectId, entity, signal }
    this.#subscribers.add(subscriber)
    this.#listenHere()
    this.#remote ??= this.#listenToOthers()
    return () => {
      this.#subscribers.delete(subscriber)
      if (this.#subscribers.size > 0) return
      this.#remote?.abort()
      this.#remote = undefined
      if (!this.#sends) this.#stopListeningHere()
    }
  }

  /** Sends the notices that are left, and ends. */
  async close(): Promise<void> {
    this.#stopListeningHere()
    this.#remote?.abort()
    await this.#sending
  }

  #listenHere(): void {
    this.#stopLocal ??= onWrite(this.#pool, (event) => this.#onWrite(event))
  }

  #stopListeningHere(): void {
    this.#stopLocal?.()
    this.#stopLocal = undefined
  }

  #listenToOthers(): AbortController {
    const controller = new AbortController()
    this.#notifier?.listen((notice) => this.#notify(notice?.projectId, notice?.entities), controller.signal)
    return controller
  }

  /** Without a project or tables: all of them. */
  #notify(projectId: string | undefined, entities: readonly Entity[] | undefined): void {
    for (const subscriber of this.#subscribers) {
      if (projectId !== undefined && subscriber.projectId !== projectId) continue
      if (entities === undefined || entities.includes(subscriber.entity)) subscriber.signal.notify()
    }
  }

  #onWrite({ projectId, entities }: WriteEvent): void {
    this.#notify(projectId, entities)
    if (!this.#sends || !this.#notifier) return
    const unsent = this.#unsent.get(projectId) ?? new Set()
    for (const entity of entities) unsent.add(entity)
    this.#unsent.set(projectId, unsent)
    this.#sending ??= this.#send(this.#notifier)
  }

  /** One notice at a time. Writes that come while it is sent share the next one. */
  async #send(notifier: ChangeNotifier): Promise<void> {
    for (;;) {
      const [next] = this.#unsent
      if (next === undefined) {
        // In the same turn as the last look: a write from now on starts a new send.
        this.#sending = undefined
        return
      }
      const [projectId, entities] = next
      this.#unsent.delete(projectId)
      await notifier.send({ projectId, entities: [...entities] }).catch(() => undefined)
    }
  }
}
