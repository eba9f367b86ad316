import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import { storageError } from '../../driver-errors/storage-error.ts'
import { ConfigError } from '../../errors.ts'
import { roomInWords } from '../disk-room.ts'
import type { DatabaseFiles } from '../engine.ts'
import { copyFile } from './copy-file.ts'
import { loadSqlite } from './drivers.ts'

/** Backups of a file, and back. */
export const sqliteFiles = (path: string): DatabaseFiles => ({
  async backup(to, { signal } = {}) {
    if (existsSync(to)) throw new ConfigError(`${to} is there already. A backup is a new file.`)
    if (!existsSync(path)) throw new ConfigError(`There is no database at ${path}.`)
    return copyInPlace(path, to, signal)
  },
  async restore(from, { replace = false, signal } = {}) {
    if (!existsSync(from)) throw new ConfigError(`There is no backup at ${from}.`)
    if (existsSync(path)) {
      if (!replace) throw new ConfigError(`${path} is there already. Say that it may be replaced (--replace).`)
      await leaveWal(path)
    }
    const report = await copyInPlace(from, path, signal)
    await forgetLog(path)
    return report
  },
  async shrink({ signal } = {}) {
    if (!existsSync(path)) throw new ConfigError(`There is no database at ${path}.`)
    await leaveWal(path)
    const { size: bytesBefore } = await stat(path)
    const Database = await loadSqlite()
    const writer = new Database(path, { timeout: 0, fileMustExist: true })
    try {
      // Who reads may read on, and the copy does; nobody writes what would be left out.
      writer.exec('begin immediate')
      await checkRoom(path, usedBytes(writer))
      const { bytes } = await copyInPlace(path, path, signal)
      await forgetLog(path)
      return { bytes, bytesBefore }
    } catch (error) {
      throw isBusy(error) ? inUse(path) : error
    } finally {
      writer.close()
    }
  },
})

/** What belongs to the file that was there: a log beside another file would be taken for its own. */
async function forgetLog(path: string): Promise<void> {
  await Promise.all(['-wal', '-shm'].map((suffix) => rm(`${path}${suffix}`, { force: true })))
}

/** How large a copy without free pages is, about. */
function usedBytes(database: Database): number {
  const [pages, free, bytes] = ['page_count', 'freelist_count', 'page_size'].map((name) =>
    Number(database.pragma(name, { simple: true })),
  ) as [number, number, number]
  return (pages - free) * bytes
}

/** @throws ConfigError where a copy of so many bytes has no room beside a file */
async function checkRoom(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path))
  if (bavail * bsize > bytes) return
  const free = `${dirname(path)} has ${roomInWords(bavail * bsize)} free`
  throw new ConfigError(`Shrinking ${path} needs room for a copy of what it holds, ${roomInWords(bytes)}, and ${free}.`)
}

/** Makes the copy beside its place, and puts it there when it is whole and on the disk. */
async function copyInPlace(from: string, to: string, signal: AbortSignal | undefined): Promise<{ bytes: number }> {
  await mkdir(dirname(to), { recursive: true })
  const unfinished = `${to}.${randomUUID().slice(0, 8)}.unfinished`
  try {
    await copyFile(from, unfinished, signal)
    await sync(unfinished)
    await rename(unfinished, to)
    await sync(dirname(to))
    return { bytes: (await stat(to)).size }
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Takes a file out of the mode with a log, which only works while nobody else has it open.
 *
 * @throws ConfigError while somebody does
 */
async function leaveWal(path: string): Promise<void> {
  const Database = await loadSqlite()
  const database = new Database(path, { timeout: 0, fileMustExist: true })
  try {
    if (database.pragma('journal_mode = delete', { simple: true }) === 'delete') return
    throw inUse(path)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    if (isBusy(error)) throw inUse(path)
    // What is no database, or is damaged, is what a restore is for.
    if (error instanceof Error && 'code' in error && /SQLITE_(NOTADB|CORRUPT)/.test(String(error.code))) return
    throw storageError(error, `open ${path}`)
  } finally {
    database.close()
  }
}

const isBusy = (error: unknown) =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')

const inUse = (path: string) => new ConfigError(`Another process has ${path} open. Stop it first.`)
