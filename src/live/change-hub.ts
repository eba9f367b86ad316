import type { Pool } from '../engines/pool.ts'
import { type Change, listenToChanges } from '../engines/write-events.ts'
import type { Entity } from '../rows/accepted-row.ts'
import type { Courier } from './change-notifier.ts'
import type { Bell } from './poll-signal.ts'

interface Sleeper {
  readonly projectId: string
  readonly entity: Entity
  readonly bell: Bell
}

/**
 * Rings for those who wait for rows of a table, when this process wrote some, and when another one says that it did.
 * It listens to others only while somebody waits.
 */
export class WakeUps {
  readonly #courier: Courier | undefined
  readonly #sleepers = new Set<Sleeper>()
  readonly #pool: Pool
  readonly #tells: boolean
  /** What was written and is not sent yet, by project. */
  readonly #unsent = new Map<string, Set<Entity>>()
  #sending: Promise<void> | undefined
  #listening: AbortController | undefined
  #stopHearing: (() => void) | undefined

  /** @param tells whether others are told of this process's writes; without a courier nobody is */
  constructor(pool: Pool, courier: Courier | undefined, tells: boolean) {
    this.#pool = pool
    this.#courier = courier
    this.#tells = tells && courier !== undefined
    if (this.#tells) this.#hear()
  }

  /** Rings the bell for every write to a table. Returns what ends it. */
  wake(projectId: string, entity: Entity, bell: Bell): () => void {
    const sleeper = { projectId, entity, bell }
    this.#sleepers.add(sleeper)
    this.#hear()
    this.#listening ??= this.#listen()
    return () => {
      this.#sleepers.delete(sleeper)
      if (this.#sleepers.size > 0) return
      this.#listening?.abort()
      this.#listening = undefined
      if (!this.#tells) this.#hearNoMore()
    }
  }

  /** Sends what others should hear of, and ends. */
  async close(): Promise<void> {
    this.#hearNoMore()
    this.#listening?.abort()
    await this.#sending
  }

  #hear(): void {
    this.#stopHearing ??= listenToChanges(this.#pool, (change) => this.#written(change))
  }

  #hearNoMore(): void {
    this.#stopHearing?.()
    this.#stopHearing = undefined
  }

  #listen(): AbortController {
    const controller = new AbortController()
    this.#courier?.listen((word) => this.#ring(word?.projectId, word?.entities), controller.signal)
    return controller
  }

  #ring(projectId: string | undefined, entities: readonly Entity[] | undefined): void {
    for (const sleeper of this.#sleepers) {
      if (projectId !== undefined && sleeper.projectId !== projectId) continue
      if (entities === undefined || entities.includes(sleeper.entity)) sleeper.bell.ring()
    }
  }

  #written({ projectId, entities }: Change): void {
    this.#ring(projectId, entities)
    if (!this.#tells || !this.#courier) return
    const unsent = this.#unsent.get(projectId) ?? new Set()
    for (const entity of entities) unsent.add(entity)
    this.#unsent.set(projectId, unsent)
    this.#sending ??= this.#send(this.#courier)
  }

  /** One word at a time: what is written while it is on its way goes into the next one, however much it is. */
  async #send(courier: Courier): Promise<void> {
    for (;;) {
      const [next] = this.#unsent
      if (next === undefined) {
        // In the same turn as the last look: what is written now is sent by the next one.
        this.#sending = undefined
        return
      }
      const [projectId, entities] = next
      this.#unsent.delete(projectId)
      await courier.send({ projectId, entities: [...entities] }).catch(() => undefined)
    }
  }
}
