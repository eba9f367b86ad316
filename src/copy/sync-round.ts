import type { CommitPoint } from '../engines/commit-order.ts'
import type { Pool } from '../engines/pool.ts'
import { RestoredError } from '../errors.ts'
import { type CommitPosition, nextProject, readCommits } from '../row-pages/read-rows.ts'
import { writeRows } from '../row-pages/write-rows.ts'
import { type Entity, entities } from '../rows/accepted-row.ts'
import type { SyncOptions } from './options.ts'
import { writeProgress } from './progress-file.ts'
import type { SyncState } from './sync-progress.ts'

/**
 * Copies what was stored since the last round.
 *
 * A round takes the transactions that have ended by its begin: below that horizon no row appears any more, while rows
 * that are stored again leave it for a later round. So the tables and the projects can be gone through one after the
 * other, and the position of one row says how far the round is.
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
    this.#from = from.primary
    this.#to = to
    this.#state = state
    this.#options = options
    this.#report = report
  }

  /** Copies all that is stored by now, after the rest of a round that was interrupted. */
  async run(): Promise<void> {
    const state = this.#state
    await this.#forgetWhatIsNoMore()
    if (state.round) await this.#copyUpTo(state.round.upTo)
    const now = await this.#from.commitOrder.now(state.done)
    if (now.horizon > (state.done?.horizon ?? 0)) await this.#copyUpTo(now)
  }

  /**
   * Begins anew where the source is another one than the progress is of, or the target no longer is what it was. A row
   * that the target has is not changed by coming again.
   */
  async #forgetWhatIsNoMore(): Promise<void> {
    const state = this.#state
    try {
      await this.#from.commitOrder.now(state.round?.upTo ?? state.done)
      await this.#to.primary.commitOrder.now(state.target)
    } catch (error) {
      if (!(error instanceof RestoredError) || error.needsRestamp) throw error
      state.done = undefined
      state.round = undefined
      state.target = undefined
    }
  }

  async #copyUpTo(upTo: CommitPoint): Promise<void> {
    const state = this.#state
    const begin = state.round ? entities.indexOf(state.round.table as Entity) : 0
    for (const table of entities.slice(Math.max(begin, 0))) {
      for await (const projectId of this.#projects(table)) await this.#copy(table, projectId, upTo)
    }
    const hasChanged = state.round !== undefined
    state.done = upTo
    state.round = undefined
    if (hasChanged) await this.#save()
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

  async #copy(table: Entity, projectId: string, upTo: CommitPoint): Promise<void> {
    const state = this.#state
    const { signal } = this.#options
    const isUnderWay = state.round?.table === table && state.round.projectId === projectId
    const since: CommitPosition =
      isUnderWay && state.round ? state.round.position : { commit: state.done?.horizon ?? 0 }
    const pages = readCommits(this.#from, table, {
      projectId,
      since,
      horizon: upTo.horizon,
      size: this.#to.capabilities.copyPage,
    })
    await writeRows(this.#to, table, pages, {
      signal,
      stored: async (page, written) => {
        state.round = { upTo, table, projectId, position: page.position }
        state.target = await this.#to.primary.commitOrder.now()
        await this.#save()
        this.#report(table, written)
      },
    })
    // Between pages it notices by itself; where there are none, nothing else would.
    signal?.throwIfAborted()
  }

  #save(): Promise<void> {
    return writeProgress(this.#options.progressFile, this.#state)
  }
}
