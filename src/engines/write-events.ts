import type { Entity } from '../rows/accepted-row.ts'
import { certainIdentity } from './database-identity.ts'
import type { Pool } from './pool.ts'

/**
 * What a write changed, or may have changed: one that failed may have been committed before its reply was lost. It is
 * told when the write has ended and before anybody hears so from the writer.
 */
export interface Change {
  readonly projectId: string
  readonly entities: readonly Entity[]
  /** The traces whose rows, spans or events may be other ones now. */
  readonly traceIds: readonly string[]
}

/** Hears of a change, at once; it must not throw. */
export type ChangeListener = (change: Change) => void

interface Listening {
  readonly pool: Pool
  readonly listener: ChangeListener
}

const listening = new Set<Listening>()

/** Hears of every write that this process makes to the database of a pool. Returns what ends it. */
export function listenToChanges(pool: Pool, listener: ChangeListener): () => void {
  const own = { pool, listener }
  listening.add(own)
  return () => listening.delete(own)
}

/** Tells of a change; nothing is made of it where nobody listens. */
export function tellChange(pool: Pool, makeChange: () => Change): void {
  let change: Change | undefined
  for (const { pool: theirs, listener } of listening) {
    if (!mayBeOne(pool, theirs)) continue
    change ??= makeChange()
    listener(change)
  }
}

/**
 * Whether two pools may be on one database, which has many names: a process may have several pools on one. Who is told
 * of another database's write looks once for nothing; who is not told of its own shows what is old. So those are told of
 * whom nothing else is known.
 */
function mayBeOne(a: Pool, b: Pool): boolean {
  if (a === b) return true
  if (a.engine !== b.engine) return false
  const [one, other] = [identityOf(a), identityOf(b)]
  return one === undefined || other === undefined || one === other
}

/** What is known of the databases of pools; a promise while one is asked. */
const identities = new WeakMap<Pool, Promise<void> | { readonly identity: string | undefined }>()

/** What the database of a pool calls itself; undefined until it has answered, and where it does not say. */
function identityOf(pool: Pool): string | undefined {
  const known = identities.get(pool)
  if (known === undefined) identities.set(pool, ask(pool))
  return known instanceof Promise ? undefined : known?.identity
}

async function ask(pool: Pool): Promise<void> {
  try {
    identities.set(pool, { identity: await certainIdentity(pool) })
  } catch {
    // It did not answer: the next write asks again.
    identities.delete(pool)
  }
}
