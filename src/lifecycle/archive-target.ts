import { createReadStream, createWriteStream } from 'node:fs'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ConfigError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'

/** Where the parts of an archive are kept, such as a bucket. A part is written once and never changed. */
export interface ArchiveTarget {
  /** The names of the parts that are there, in any order; names of other things may be among them. */
  names(): Promise<readonly string[]>
  /**
   * Keeps a part. It resolves when the part is safe, and no part has the name before that.
   *
   * @param bytes compressed, as they come; when they end with an error nothing must be kept
   */
  write(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void>
  /** Reads a part again, from its first byte. */
  read(name: string): AsyncIterable<Uint8Array>
}

/** How the name of a part begins: its project. */
export const projectOfName = (name: string): string => name.slice(0, name.indexOf('.'))

const unfinished = '.unfinished'

/**
 * A folder with a file for each part. A file has its name when all of it is on the disk.
 *
 * @throws ConfigError where the folder cannot be made
 */
export function archiveFolder(path: string): ArchiveTarget {
  const folder = resolve(path)
  const failure = (error: unknown, what: string) => {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    return new ConfigError(`The folder ${folder} cannot be ${what}${code}.`, { cause: error })
  }
  try {
    makeFolder(folder)
  } catch (error) {
    throw failure(error, 'made')
  }
  return {
    async names() {
      return readdir(folder).catch((error: unknown) => {
        throw failure(error, 'read')
      })
    },
    async write(name, bytes) {
      // What a killed run of the same project left behind.
      for (const other of await this.names()) {
        const isOurs = projectOfName(other) === projectOfName(name)
        if (isOurs && other.endsWith(unfinished)) await rm(join(folder, other), { force: true })
      }
      const file = join(folder, name)
      await pipeline(bytes, createWriteStream(`${file}${unfinished}`, { flush: true }))
      await rename(`${file}${unfinished}`, file)
      const directory = await open(folder)
      await directory.sync().finally(() => directory.close())
    },
    read: (name) => createReadStream(join(folder, name)),
  }
}
