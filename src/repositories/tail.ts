import type { FilterOf } from './entities/entities.ts'
import { cursorOfNow, type Followed, type FollowOptions, follow } from './follow.ts'
import type { PoolScope } from './read-scope.ts'

/** How rows are tailed. */
export interface TailOptions extends Pick<FollowOptions<never>, 'pollMs' | 'signal' | 'once'> {
  /** How many of the last rows come first, 0 to 1000. @default 10 */
  lines?: number | undefined
}

/** What is tailed. */
interface Tailed<E extends keyof Followed, T> {
  readonly filter: FilterOf[E]
  /** The last rows that match, the newest first. */
  readonly list: (limit: number) => PromiseLike<{ readonly items: readonly T[] }>
  /** What distinguishes a row, as it is now, from others. */
  readonly identity: (row: T | Followed[E]) => string
}

/** The last rows in the order of time, then new ones as they are stored, each once. */
export async function* tail<E extends keyof Followed, T>(
  scope: PoolScope,
  entity: E,
  { filter, list, identity }: Tailed<E, T>,
  { lines = 10, ...options }: TailOptions,
): AsyncGenerator<T | Followed[E], void, undefined> {
  // The cursor is taken before the last rows are read: what is stored meanwhile is in both.
  const after = await cursorOfNow(scope, entity)
  const last = lines > 0 ? (await list(lines)).items : []
  const shown = new Set(last.map(identity))
  yield* last.toReversed()
  for await (const { items } of follow(scope, entity, { ...options, after, filter })) {
    // A row is no promise, which the compiler cannot tell of a table that it does not know.
    for (const row of items) if (!shown.delete(identity(row))) yield row as Awaited<Followed[E]>
  }
}
