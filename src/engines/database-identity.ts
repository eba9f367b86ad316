import { createHash } from 'node:crypto'
import type { Pool } from './pool.ts'

/**
 * A short text that is the same for every process that works on a database, by whatever host name or user, and another
 * one for every other database. Processes that share a Redis name the database by it. Where the role may not ask for what
 * names the database, the URL does: roles without that right agree among themselves.
 *
 * @throws StorageError when the database does not answer
 */
export async function databaseIdentity(pool: Pool): Promise<string> {
  return shortened((await pool.identity()) ?? pool.location)
}

/**
 * The same, where it is certain; undefined where two different texts could be of one database.
 *
 * @throws StorageError when the database does not answer
 */
export async function certainIdentity(pool: Pool): Promise<string | undefined> {
  const identity = await pool.identity()
  return identity === undefined ? undefined : shortened(identity)
}

/**
 * Whether two pools lead to one database, however their URLs spell it. A copy of it, such as a replica or a restored
 * backup, is another one.
 *
 * @throws StorageError when one of them does not answer
 */
export async function isSameDatabase(one: Pool, other: Pool): Promise<boolean> {
  return one.name === other.name && (await instanceOf(one)) === (await instanceOf(other))
}

const instanceOf = async (pool: Pool) => (await pool.instance?.()) ?? (await pool.identity()) ?? pool.location

const shortened = (identity: string) => createHash('sha256').update(identity).digest('base64url').slice(0, 16)
