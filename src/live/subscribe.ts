import { ValidationError } from '../errors.ts'
import type { FilterOf } from '../repositories/entities/entities.ts'
import { type FollowBatch, type Followed, follow, followCursor, followedTables } from '../repositories/follow.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import type { ChangeHub } from './change-hub.ts'
import { PollSignal } from './poll-signal.ts'
import { decodeSubscriptionCursor, encodeSubscriptionCursor, type TableCursors } from './subscription-cursor.ts'

/** The tables that can be subscribed to. */
export type Subscribed = keyof Followed

/** How written records are received. */
export interface SubscribeOptions<E extends Subscribed = Subscribed> {
  /**
   * The cursor of the last batch that you processed, of a subscription to the same tables. `'now'` skips the rows that
   * are stored already, `'start'` begins with them.
   * @default 'now'
   */
  after?: string | undefined
  /** Only records that match, by table: `{ spans: { kind: 'llm' } }`. */
  filter?: { [K in E]?: FilterOf[K] | undefined } | undefined
  /** Records of a batch, 1 to 1000. @default 500 */
  limit?: number | undefined
  /** The longest wait between two looks at the database when no notice of a write arrives, in milliseconds. @default 1000 */
  pollMs?: number | undefined
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined
}

/** Records of one table as they were stored, in the order of their transactions. */
export type WrittenBatch<E extends Subscribed = Subscribed> = {
  [K in E]: {
    readonly entity: K
    readonly items: Followed[K][]
    /** The position after these records, in all tables of the subscription: keep it once you have processed them. */
    readonly cursor: string
  }
}[E]

/** One of the tables. */
interface Source<E extends Subscribed> {
  readonly entity: E
  readonly rows: AsyncGenerator<FollowBatch<Followed[E]>, void, undefined>
  readonly unsubscribe: () => void
}

/** What a table gave next. */
interface Arrival<E extends Subscribed> {
  readonly source: Source<E>
  readonly result: IteratorResult<FollowBatch<Followed[E]>, void>
}

/**
 * Records of tables as they are stored, by any process. It is `follow`, woken by notices of writes. A notice only says
 * that it is time to look, so a lost one loses no record.
 *
 * @throws ValidationError for an invalid table, cursor, filter or option
 */
export async function* subscribe<E extends Subscribed>(
  scope: PoolScope,
  hub: ChangeHub,
  tables: E | readonly E[],
  { after = 'now', filter = {}, limit, pollMs, signal }: SubscribeOptions<E> = {},
): AsyncGenerator<WrittenBatch<E>, void, undefined> {
  const entities = checkedTables(tables)
  const cursors = await startCursors(scope, entities, after)
  const stop = new AbortController()
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const sources = entities.map((entity): Source<E> => {
    const pollSignal = new PollSignal()
    const options = { after: cursors[entity], filter: filter[entity], limit, pollMs, signal: ended }
    const rows = follow(scope, entity, options, (ms, until) => pollSignal.wait(ms, until))
    return { entity, rows, unsubscribe: hub.subscribe(scope.projectId, entity, pollSignal) }
  })
  const arrivals = new Map<E, Promise<Arrival<E>>>()
  /** Arrivals in their order, so that a busy table does not keep the others waiting. */
  const ready: Promise<Arrival<E>>[] = []
  let wake = () => {}
  const advance = (source: Source<E>) => {
    const arrival = source.rows.next().then((result) => ({ source, result }))
    // A failure is thrown when its turn comes.
    const announce = () => {
      ready.push(arrival)
      wake()
    }
    // `Promise.race` would keep every result alive for as long as a quiet table has no row.
    arrival.then(announce, announce)
    arrivals.set(source.entity, arrival)
  }
  try {
    sources.forEach(advance)
    while (arrivals.size > 0) {
      const arrival = ready.shift()
      if (!arrival) {
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      const { source, result } = await arrival
      const { entity } = source
      arrivals.delete(entity)
      if (result.done) continue
      cursors[entity] = result.value.cursor
      yield { entity, items: result.value.items, cursor: encodeSubscriptionCursor(cursors) } as WrittenBatch<E>
      advance(source)
    }
  } finally {
    stop.abort()
    for (const { unsubscribe } of sources) unsubscribe()
    await Promise.allSettled(arrivals.values())
  }
}

/**
 * The cursor after everything that is stored now. A subscription that continues from it misses nothing.
 *
 * @throws ValidationError for a name that is no table
 */
export async function subscriptionCursor<E extends Subscribed>(scope: PoolScope, tables: E | readonly E[]) {
  return encodeSubscriptionCursor(await startCursors(scope, checkedTables(tables), 'now'))
}

async function startCursors<E extends Subscribed>(
  scope: PoolScope,
  entities: readonly E[],
  after: string,
): Promise<TableCursors<E>> {
  const given = after === 'now' || after === 'start' ? undefined : decodeSubscriptionCursor(entities, after)
  const cursors = await Promise.all(
    entities.map(async (entity) => {
      const start = given ? given[entity] : after === 'now' ? 'now' : undefined
      return [entity, await followCursor(scope, entity, start)] as const
    }),
  )
  return Object.fromEntries(cursors) as TableCursors<E>
}

function checkedTables<E extends Subscribed>(tables: E | readonly E[]): readonly E[] {
  const entities = [...new Set<E>(typeof tables === 'string' ? [tables] : tables)]
  if (entities.length > 0 && entities.every((entity) => followedTables.includes(entity))) return entities
  const message = `must be one or more of ${followedTables.join(', ')}`
  throw new ValidationError('Invalid subscription', [{ field: 'tables', message }])
}
