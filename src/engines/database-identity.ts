import { createHash, randomUUID } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import { StorageError } from '../errors.ts'
import type { Pool } from './pool.ts'
import { primaryOf } from './primary.ts'

/**
 * A short text that is the same for every process that works on a database, by whatever host name or user, and another
 * one for every other database. Processes that share a Redis tell each other by it what they talk about. Where the role
 * may not ask for what names the database, it is made of the URL: roles without that right agree among themselves.
 *
 * @throws StorageError when the database does not answer
 */
export async function databaseIdentity(pool: Pool): Promise<string> {
  return shortened((await sayingOf(pool)) ?? pool.location)
}

/**
 * The same, where it is certain; undefined where two different texts could be of one database.
 *
 * @throws StorageError when the database does not answer
 */
export async function certainIdentity(pool: Pool): Promise<string | undefined> {
  const saying = await sayingOf(pool)
  return saying === undefined ? undefined : shortened(saying)
}

/**
 * Whether two pools lead to one database, however their URLs spell it. A copy of it, such as a replica or a restored
 * backup, is another one.
 *
 * @throws StorageError when one of them does not answer
 */
export async function isSameDatabase(one: Pool, other: Pool): Promise<boolean> {
  return one.engine === other.engine && (await placeOf(one)) === (await placeOf(other))
}

async function placeOf(pool: Pool): Promise<string> {
  if (pool.engine !== 'postgres') return (await sayingOf(pool)) ?? pool.location
  const [row = []] = await primaryOf(pool).rows(runningPostgres, [])
  return row.join(':')
}

/** A server that runs, to the microsecond of its start, and a database in it. */
const runningPostgres = `select pg_postmaster_start_time()::text, oid::text from pg_database
  where datname = current_database()`

const shortened = (saying: string) => createHash('sha256').update(saying).digest('base64url').slice(0, 16)

const postgres = `select system_identifier::text, (select oid from pg_database where datname = current_database())::text
  from pg_control_system()`
/** Its full path; an empty text in memory. */
const sqliteFile = "select file from pragma_database_list where name = 'main'"
const clickhouse = 'select toString(uuid) from system.databases where name = currentDatabase()'
/** What an engine that gives databases no name of their own has in its place. */
const noUuid = '00000000-0000-0000-0000-000000000000'

/** Databases in memory: each is its pool's alone. */
const inMemory = new WeakMap<Pool, string>()

/** What the database says of itself; undefined where the role may not ask. */
async function sayingOf(pool: Pool): Promise<string | undefined> {
  if (pool.engine === 'sqlite') {
    const [[path] = []] = await pool.rows(sqliteFile, [])
    return `sqlite:${hostname()}:${path ? realpathSync(String(path)) : nameInMemory(pool)}`
  }
  const statement = pool.engine === 'postgres' ? postgres : clickhouse
  const [row] = await pool.rows(statement, []).catch((error: unknown): unknown[][] => {
    if (error instanceof StorageError && error.code === 'query') return []
    throw error
  })
  return row === undefined || row[0] === noUuid ? undefined : `${pool.engine}:${row.join(':')}`
}

function nameInMemory(pool: Pool): string {
  const name = inMemory.get(pool) ?? randomUUID()
  inMemory.set(pool, name)
  return name
}
