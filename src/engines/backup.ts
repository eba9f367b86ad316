import { resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { parseDatabaseUrl } from './database-url.ts'
import type { BackupOptions, BackupReport, DatabaseFiles, RestoreOptions, ShrinkReport } from './engine.ts'

/** Options, and the folder that relative paths start from. */
type Locating<Options> = Options & {
  /** @default process.cwd() */
  cwd?: string | undefined
}

/**
 * Writes a consistent copy of an SQLite database to a new file, while others read and write. It is checked, and appears
 * under its name only when it is whole.
 *
 * @param url the database
 * @param to the path of a new file
 * @throws ConfigError for another engine, which has tools of its own, and for a path where something is; StorageError
 *   when the file cannot be read or written
 *
 * @example
 * await backupDatabase('sqlite:traces.db', 'backups/traces-2026-11-20.db')
 */
export async function backupDatabase(
  url: string,
  to: string,
  options: Locating<BackupOptions> = {},
): Promise<BackupReport> {
  return filesOf(url, options.cwd).backup(resolve(options.cwd ?? '.', to), options)
}

/**
 * Puts a backup in the place of an SQLite database. No process may have it open.
 *
 * @param url the database
 * @param from the path of the backup
 * @throws ConfigError for another engine, for a file that is no database of tracehold, and where a database is that may
 *   not be replaced or is in use; StorageError when a file cannot be read or written
 */
export async function restoreDatabase(
  url: string,
  from: string,
  options: Locating<RestoreOptions> = {},
): Promise<BackupReport> {
  return filesOf(url, options.cwd).restore(resolve(options.cwd ?? '.', from), options)
}

/**
 * Gives the room of deleted rows in an SQLite file back to the disk: the file is copied without its free pages, checked, and
 * takes the place of the old one. It takes little memory, and room for a copy of what the file holds. No process may have
 * the database open.
 *
 * @param url the database
 * @throws ConfigError for another engine, which does it by itself, while a process has the file open, and where a copy has no
 *   room; StorageError when the file cannot be read or written. The file is then as it was
 */
export async function shrinkDatabase(url: string, options: Locating<BackupOptions> = {}): Promise<ShrinkReport> {
  return filesOf(url, options.cwd).shrink(options)
}

function filesOf(url: string, cwd?: string): DatabaseFiles {
  const { files, location } = parseDatabaseUrl(url, cwd)
  if (files) return files
  throw new ConfigError(`${location} is backed up with the tools of its engine: see docs/backup.md.`)
}
