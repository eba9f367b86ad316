import type { Entity } from '../rows/accepted-row.ts'
import { certainIdentity } from './database-identity.ts'
import type { Pool } from './pool.ts'

/**
 * What a write changed, or may have changed: one that failed may have been committed before its reply was lost. It is
 * sent when the write has ended, before the writer's promise settles.
 */
export interface WriteEvent {
  readonly projectId: string
  readonly entities: readonly Entity[]
  /** The traces whose rows, spans or events may have changed. */
  readonly traceIds: readonly string[]
}

/** Called for a write, at once. It must not throw. */
export type WriteListener = (event: WriteEvent) => void

interface Registration {
  readonly pool: Pool
  readonly listener: WriteListener
}

const registrations = new Set<Registration>()

/** Calls `listener` for every write that this process makes to the database of a pool. Returns what ends it. */
export function onWrite(pool: Pool, listener: WriteListener): () => void {
  const own = { pool, listener }
  registrations.add(own)
  return () => registrations.delete(own)
}

/** Calls the listeners of a write. The event is not made where there is none. */
export function notifyWrite(pool: Pool, makeEvent: () => WriteEvent): void {
  let event: WriteEvent | undefined
  for (const { pool: theirs, listener } of registrations) {
    if (!mayBeOne(pool, theirs)) continue
    event ??= makeEvent()
    listener(event)
  }
}

/**
 * Whether two pools may be on one database, which has many names: a process may have several pools on one. A listener
 * that is called for another database looks once for nothing; one that is not called for its own shows old rows. So it is
 * called when nothing is known.
 */
function mayBeOne(a: Pool, b: Pool): boolean {
  if (a === b) return true
  if (a.name !== b.name) return false
  const [one, other] = [identityOf(a), identityOf(b)]
  return one === undefined || other === undefined || one === other
}

/** What is known of the databases of pools; a promise while one is asked. */
const identities = new WeakMap<Pool, Promise<void> | { readonly identity: string | undefined }>()

/** What the database of a pool calls itself; undefined until it has answered, and where it has no name. */
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
