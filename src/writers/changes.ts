import { resolve } from 'node:path'
import type { Pool } from '../pool/pool.ts'
import type { Entity } from './accepted-row.ts'

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

/** Those who listen, by database: a process may have several pools on one. */
const listeners = new Map<string, Set<ChangeListener>>()

/** Hears of every write that this process makes to the database of a pool. Returns what ends it. */
export function listenToChanges(pool: Pool, listener: ChangeListener): () => void {
  const database = databaseOf(pool)
  const here = listeners.get(database) ?? new Set()
  listeners.set(database, here.add(listener))
  return () => {
    here.delete(listener)
    if (here.size === 0 && listeners.get(database) === here) listeners.delete(database)
  }
}

/** Tells of a change; nothing is made of it where nobody listens. */
export function tellChange(pool: Pool, makeChange: () => Change): void {
  const here = listeners.get(databaseOf(pool))
  if (here === undefined) return
  const change = makeChange()
  for (const listener of here) listener(change)
}

const names = new WeakMap<Pool, string>()

/** The database of a pool, without who reads it and how: a name of this process, which never leaves it. */
function databaseOf(pool: Pool): string {
  let name = names.get(pool)
  if (name === undefined) {
    name = nameOf(pool)
    names.set(pool, name)
  }
  return name
}

function nameOf({ engine, location }: Pool): string {
  if (engine === 'sqlite') {
    const path = location.slice('sqlite:'.length)
    return `sqlite:${path === ':memory:' ? path : resolve(path)}`
  }
  try {
    const { protocol, hostname, port, pathname } = new URL(location)
    return `${protocol}//${hostname}:${port || '5432'}${pathname}`
  } catch {
    return location
  }
}
