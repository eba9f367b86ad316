import { RestoredError } from '../../errors.ts'
import type { CommitOrder, CommitPoint } from '../commit-order.ts'
import type { Pool } from '../pool.ts'
import { commitState } from './commits.ts'

/**
 * Transactions are counted in the file. A copy of the file counts on, with pools of its own: the number that a position
 * is at was taken by another pool there, or not yet.
 */
export class SqliteCommitOrder implements CommitOrder {
  readonly #pool: Pick<Pool, 'rows' | 'location'>

  constructor(pool: Pick<Pool, 'rows' | 'location'>) {
    this.#pool = pool
  }

  async now(since?: CommitPoint): Promise<CommitPoint> {
    if (since) {
      const reached = since.horizon - 1
      const [last, origin] = await this.#state(reached)
      if (last < reached || origin !== since.history) throw new RestoredError(this.#pool.location)
    }
    const [last, history] = await this.#state(Number.MAX_SAFE_INTEGER)
    return { horizon: last + 1, history }
  }

  async #state(commit: number): Promise<[last: number, origin: string]> {
    const [row] = await this.#pool.rows(commitState, [commit])
    return [Number(row?.[0]), String(row?.[1] ?? '')]
  }
}
