import { ValidationError } from '../errors.ts'
import {
  type FollowBatch,
  type Followed,
  type FollowedFilter,
  follow,
  followCursor,
  followedTables,
} from '../repositories/follow.ts'
import type { FilterScope } from '../repositories/predicates/compile.ts'
import type { WakeUps } from './change-hub.ts'
import { Bell } from './poll-signal.ts'
import { decodePlaces, encodePlaces, type Places } from './subscription-cursor.ts'

/** The tables that can be subscribed to. */
export type Subscribed = keyof Followed

/** How written records are received. */
export interface SubscribeOptions<E extends Subscribed = Subscribed> {
  /**
   * The cursor of the last batch that was dealt with, of a subscription to the same tables; `'now'` leaves out what is
   * stored already, `'start'` begins with it.
   * @default 'now'
   */
  after?: string | undefined
  /** Only records that fit, by table: `{ spans: { kind: 'llm' } }`. */
  filter?: { [K in E]?: FollowedFilter[K] | undefined } | undefined
  /** Records of a batch, 1 to 1000. @default 500 */
  limit?: number | undefined
  /** How long to wait before looking again when nobody tells of a write, in milliseconds. @default 1000 */
  pollMs?: number | undefined
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined
}

/** Records of one table as they were stored, in the order of their transactions. */
export type WrittenBatch<E extends Subscribed = Subscribed> = {
  [K in E]: {
    readonly entity: K
    readonly items: Followed[K][]
    /** Where to go on after these records, in all tables of the subscription: keep it once they are dealt with. */
    readonly cursor: string
  }
}[E]

/** One of the tables. */
interface Source<E extends Subscribed> {
  readonly entity: E
  readonly rows: AsyncGenerator<FollowBatch<Followed[E]>, void, undefined>
  /** Ends the ringing. */
  readonly silence: () => void
}

/** What a table gave next. */
interface Arrival<E extends Subscribed> {
  readonly source: Source<E>
  readonly result: IteratorResult<FollowBatch<Followed[E]>, void>
}

/**
 * Records of tables as they are stored, by whichever process. It is `follow`, woken by those who write: what is told
 * only says that it is time to look, so nothing is lost where word of a write is.
 *
 * @throws ValidationError for a table, a cursor, a filter or an option that is none
 */
export async function* subscribe<E extends Subscribed>(
  scope: FilterScope,
  wakeUps: WakeUps,
  tables: E | readonly E[],
  { after = 'now', filter = {}, limit, pollMs, signal }: SubscribeOptions<E> = {},
): AsyncGenerator<WrittenBatch<E>, void, undefined> {
  const entities = checkedTables(tables)
  const places = await startPlaces(scope, entities, after)
  const stop = new AbortController()
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const sources = entities.map((entity): Source<E> => {
    const bell = new Bell()
    const options = { after: places[entity], filter: filter[entity], limit, pollMs, signal: ended }
    const rows = follow(scope, entity, options, (ms, until) => bell.wait(ms, until))
    return { entity, rows, silence: wakeUps.wake(scope.projectId, entity, bell) }
  })
  const arrivals = new Map<E, Promise<Arrival<E>>>()
  /** Arrivals that are here, in their order, so that a busy table does not keep the others waiting. */
  const ready: Promise<Arrival<E>>[] = []
  let wake = () => {}
  const advance = (source: Source<E>) => {
    const arrival = source.rows.next().then((result) => ({ source, result }))
    // A failure shows when its turn comes; until then it is not unhandled.
    const tell = () => {
      ready.push(arrival)
      wake()
    }
    // Told once each: a race would leave what it ended with at every table that is silent, for as long as it is.
    arrival.then(tell, tell)
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
      places[entity] = result.value.cursor
      yield { entity, items: result.value.items, cursor: encodePlaces(places) } as WrittenBatch<E>
      advance(source)
    }
  } finally {
    stop.abort()
    for (const { silence } of sources) silence()
    await Promise.allSettled(arrivals.values())
  }
}

/**
 * The cursor after everything that is stored by now: a subscription that goes on after it misses nothing that comes.
 *
 * @throws ValidationError for a table that is none
 */
export async function subscriptionCursor<E extends Subscribed>(scope: FilterScope, tables: E | readonly E[]) {
  return encodePlaces(await startPlaces(scope, checkedTables(tables), 'now'))
}

async function startPlaces<E extends Subscribed>(
  scope: FilterScope,
  entities: readonly E[],
  after: string,
): Promise<Places<E>> {
  const given = after === 'now' || after === 'start' ? undefined : decodePlaces(entities, after)
  const places = await Promise.all(
    entities.map(async (entity) => {
      const place = given ? given[entity] : after === 'now' ? 'now' : undefined
      return [entity, await followCursor(scope, entity, place)] as const
    }),
  )
  return Object.fromEntries(places) as Places<E>
}

function checkedTables<E extends Subscribed>(tables: E | readonly E[]): readonly E[] {
  const entities = [...new Set<E>(typeof tables === 'string' ? [tables] : tables)]
  if (entities.length > 0 && entities.every((entity) => followedTables.includes(entity))) return entities
  const message = `must be one or more of ${followedTables.join(', ')}`
  throw new ValidationError('Invalid subscription', [{ field: 'tables', message }])
}
