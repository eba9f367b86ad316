import type { Pool } from '../engines/pool.ts'
import { primaryOf } from '../engines/primary.ts'
import { type Entity, entities } from '../rows/accepted-row.ts'
import { writeProgress } from './progress-file.ts'
import { type CommitPlace, commitHorizon, nextProject, pagesFor, readCommits } from './read-rows.ts'
import type { SyncState } from './sync-progress.ts'
import type { SyncOptions } from './sync-stores.ts'
import { writeRows } from './write-rows.ts'

/**
 * Brings over what was stored since the last round.
 *
 * A round takes the transactions that have ended by its begin: below that horizon no row appears any more, while rows
 * that are stored again leave it for a later round. So the tables and the projects can be gone through one after the
 * other, and the place of one row tells how far the round is.
 */
export class SyncRound {
  readonly #from: Pool
  readonly #to: Pool
  readonly #state: SyncState
  readonly #options: SyncOptions
  readonly #report: (table: Entity, rows: number) => void

  constructor(
    from: Pool,
    to: Pool,
    state: SyncState,
    options: SyncOptions,
    report: (table: Entity, rows: number) => void,
  ) {
    this.#from = primaryOf(from)
    this.#to = to
    this.#state = state
    this.#options = options
    this.#report = report
  }

  /** Brings over all that is stored by now, after the rest of a round that was interrupted. */
  async run(): Promise<void> {
    const state = this.#state
    if (state.round) await this.#bringOverUpTo(state.round.horizon)
    const horizon = await commitHorizon(this.#from)
    // A database that was restored elsewhere counts anew. ClickHouse counts by the clock, which may stand still.
    if (horizon < state.commit && this.#from.engine !== 'clickhouse') state.commit = 0
    if (horizon > state.commit) await this.#bringOverUpTo(horizon)
  }

  async #bringOverUpTo(horizon: number): Promise<void> {
    const state = this.#state
    const begin = state.round ? entities.indexOf(state.round.table as Entity) : 0
    for (const table of entities.slice(Math.max(begin, 0))) {
      for await (const projectId of this.#projects(table)) await this.#bringOver(table, projectId, horizon)
    }
    const hasChanged = state.round !== undefined
    state.commit = horizon
    state.round = undefined
    if (hasChanged) await this.#keep()
  }

  /** The projects whose rows of a table the round has still to look at. */
  async *#projects(table: Entity): AsyncGenerator<string, void, undefined> {
    const { projectId } = this.#options
    if (projectId !== undefined) {
      yield projectId
      return
    }
    const { round } = this.#state
    let project = round?.table === table ? round.projectId : await nextProject(this.#from, table, undefined)
    while (project !== undefined) {
      yield project
      project = await nextProject(this.#from, table, project)
    }
  }

  async #bringOver(table: Entity, projectId: string, horizon: number): Promise<void> {
    const state = this.#state
    const { signal } = this.#options
    const isUnderWay = state.round?.table === table && state.round.projectId === projectId
    const since: CommitPlace = isUnderWay && state.round ? state.round.place : { commit: state.commit }
    const pages = readCommits(this.#from, table, { projectId, since, horizon, size: pagesFor(this.#to) })
    await writeRows(this.#to, table, pages, {
      signal,
      stored: async (page, written) => {
        state.round = { horizon, table, projectId, place: page.place }
        await this.#keep()
        this.#report(table, written)
      },
    })
    // Between pages it notices by itself; where there are none, nothing else would.
    signal?.throwIfAborted()
  }

  #keep(): Promise<void> {
    return writeProgress(this.#options.progressFile, this.#state)
  }
}
