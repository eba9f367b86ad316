import { resolve } from 'node:path'
import { ConfigError } from '../../errors.ts'

/** The path of a database that lives in memory only. */
export const inMemory = ':memory:'

/** Where an SQLite database is. */
export interface SqliteAddress {
  /** The file, absolute; undefined in memory. */
  readonly file: string | undefined
  readonly location: string
}

/**
 * Reads `sqlite:PATH`, `file:PATH` or a path.
 *
 * @param cwd the folder that a relative path starts from. @default the process's own
 * @throws ConfigError when there is no path
 */
export function parseSqliteUrl(url: string, cwd = process.cwd()): SqliteAddress {
  const [, rest] = /^(?:sqlite|file):(?:\/\/)?(.*)$/is.exec(url) ?? []
  const path = rest ?? url
  if (path === '') throw new ConfigError('The SQLite URL names no file. Write sqlite:traces.db, or sqlite::memory:.')
  return { file: path === inMemory ? undefined : resolve(cwd, path), location: `sqlite:${path}` }
}
