import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import { StorageError } from '../errors.ts'
import type { Pool } from './pool.ts'

/**
 * A short text that is the same for every process that works on a database, by whatever host name or user, and another
 * one for every other database. Processes that share a Redis tell each other by it what they talk about.
 *
 * @throws StorageError when the database does not answer
 */
export async function databaseIdentity(pool: Pool): Promise<string> {
  return createHash('sha256')
    .update(await describe(pool))
    .digest('base64url')
    .slice(0, 16)
}

async function describe(pool: Pool): Promise<string> {
  if (pool.engine === 'postgres') {
    const [row] = await pool
      .rows(
        `select system_identifier::text, (select oid from pg_database where datname = current_database())::text
        from pg_control_system()`,
        [],
      )
      .catch((error: unknown): unknown[][] => {
        // A role without this right: such roles agree among themselves.
        if (error instanceof StorageError && error.code === 'query') return []
        throw error
      })
    if (row) return `postgres:${row.join(':')}`
  }
  if (pool.engine === 'sqlite') {
    const path = pool.location.slice('sqlite:'.length)
    return `sqlite:${hostname()}:${path === ':memory:' ? process.pid : realpathSync(path)}`
  }
  return pool.location
}
