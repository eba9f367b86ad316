import { createReadStream, type Stats, statSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import { CommandError } from './command-error.ts'
import type { CommandIo } from './io.ts'

/** A file to import, or standard input. */
export interface ImportSource {
  /** Its name in messages. */
  readonly name: string
  /** Its size in bytes; undefined where it is unknown before reading. */
  readonly bytes: number | undefined
  open(): AsyncIterable<Uint8Array | string>
}

/**
 * The sources of file names; `-` is standard input.
 *
 * @throws CommandError when one of them cannot be read, before anything is imported
 */
export const sourcesOf = (files: readonly string[], io: CommandIo): ImportSource[] =>
  files.map((file) => (file === '-' ? standardInput(io) : sourceOf(file, io.path(file))))

const standardInput = ({ stdin }: CommandIo): ImportSource => ({
  name: '<stdin>',
  bytes: undefined,
  open: () => stdin,
})

const read = (path: string) => createReadStream(path, { highWaterMark: 256 * 1024 })

function sourceOf(file: string, path: string): ImportSource {
  let stats: Stats
  try {
    stats = statSync(path)
  } catch (error) {
    throw unreadable(file, error)
  }
  if (stats.isDirectory()) throw new CommandError(`${file} is a folder.`, { nextStep: `Name its files: ${file}/*` })
  return {
    name: file,
    // A pipe has no size.
    bytes: stats.isFile() ? stats.size : undefined,
    async *open() {
      try {
        const { isSqliteFile, sqliteDocuments } = await import('../import/sqlite-documents.ts')
        // selectools and agentprobe keep documents in a SQLite database.
        if (stats.isFile() && (await isSqliteFile(path))) yield* sqliteDocuments(path)
        else yield* read(path)
      } catch (error) {
        throw unreadable(file, error)
      }
    },
  }
}

function unreadable(file: string, error: unknown): unknown {
  if (error instanceof StorageError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return new CommandError(`There is no file ${file}.`, { nextStep: 'Check the path.' })
  if (code === 'EACCES') return new CommandError(`The file ${file} may not be read by this user.`)
  return code === undefined ? error : new CommandError(`The file ${file} cannot be read (${code}).`, { cause: error })
}
