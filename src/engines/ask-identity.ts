import { StorageError } from '../errors.ts'
import type { Pool } from './pool.ts'

/**
 * Asks a database for what names it.
 *
 * @returns the values of the first row; undefined where the server refuses the statement, as it does to a role without
 *   the right
 * @throws StorageError when the database does not answer
 */
export async function askIdentity(
  pool: Pick<Pool, 'rows'>,
  statement: string,
): Promise<readonly unknown[] | undefined> {
  try {
    const [row] = await pool.rows(statement, [])
    return row
  } catch (error) {
    if (error instanceof StorageError && error.code === 'query') return undefined
    throw error
  }
}
