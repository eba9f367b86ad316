import { createReadStream, type Stats, statSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { StorageError } from '../errors.ts'
import { CommandError } from './command-error.ts'

/** A file to import, or standard input. */
export interface ImportSource {
  /** What it is called in messages. */
  readonly name: string
  /** Its size, or undefined where only reading tells. */
  readonly bytes: number | undefined
  open(): AsyncIterable<Uint8Array | string>
}

/**
 * The sources that file names stand for; `-` is standard input.
 *
 * @throws CommandError when one of them cannot be read, before anything is imported
 */
export const sourcesOf = (files: readonly string[]): ImportSource[] =>
  files.map((file) => (file === '-' ? standardInput : sourceOf(file)))

const standardInput: ImportSource = { name: '<stdin>', bytes: undefined, open: () => process.stdin }

const read = (file: string) => createReadStream(file, { highWaterMark: 256 * 1024 })

function sourceOf(file: string): ImportSource {
  let stats: Stats
  try {
    stats = statSync(file)
  } catch (error) {
    throw unreadable(file, error)
  }
  const isGzip = file.endsWith('.gz')
  if (stats.isDirectory()) throw new CommandError(`${file} is a folder.`, { nextStep: `Name its files: ${file}/*` })
  return {
    name: file,
    // A pipe in the place of a file has no size, and of a compressed file nobody knows how much there is to read.
    bytes: stats.isFile() && !isGzip ? stats.size : undefined,
    async *open() {
      try {
        const { isSqliteFile, sqliteDocuments } = await import('../formats/sqlite-documents.ts')
        // The stores of selectools and agentprobe keep documents in a database of theirs.
        if (stats.isFile() && (await isSqliteFile(file))) yield* sqliteDocuments(file)
        else yield* isGzip ? pipeline(read(file), createGunzip(), () => {}) : read(file)
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
