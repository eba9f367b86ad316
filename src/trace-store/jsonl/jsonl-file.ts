import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { storageError } from '../../driver-errors/storage-error.ts'
import { StorageError } from '../../errors.ts'
import type { SavedTrace } from '../../formats/selectools/saved-trace.ts'
import { makeFolder } from '../../make-folder.ts'
import {
  emptyIndex,
  type FileIndex,
  findByIndexFile,
  fingerprintAt,
  readIndexFile,
  writeIndexFile,
} from './index-file.ts'
import { headOf, type LineHead } from './line-head.ts'
import type { IndexedLine } from './line-index.ts'
import { LockFile } from './lock-file.ts'
import { type FileLine, scanLines } from './scan-lines.ts'

/** Bytes beyond the index on disk after which it is written anew. */
const worthIndexing = 1024 * 1024
/** In this time a line that is being written grows, in milliseconds. */
const lineWriteMs = 20

/**
 * A file of saved traces that several processes append to, and its index.
 *
 * Appending takes no lock: a line is one write to the end of the file. A rewrite (a deletion, a compaction) holds the
 * lock while it copies the file and replaces it by the copy. An append that overlaps with it looks once more when
 * the lock is free: if the file is another one by then, and does not have the line, the line is appended again. So a
 * line is lost neither by an overlap nor by a kill, and what was not yet acknowledged is written twice at worst.
 */
export class JsonlFile {
  readonly #path: string
  readonly #lock: LockFile
  #index: FileIndex | undefined
  /** How much of the file the index on disk covers. */
  #indexedOnDisk = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
    this.#lock = new LockFile(`${path}.lock`)
  }

  /** Appends the line of a saved trace. @throws StorageError when the file cannot be written */
  append(saved: SavedTrace): Promise<void> {
    return this.#attempt('append to', async () => {
      makeFolder(dirname(this.#path))
      while (!(await this.#appendOnce(saved))) if (await this.#has(saved)) return
    })
  }

  /** Reads with an index that knows the whole file; `undefined` when there is no file. */
  read<T>(work: (file: FileHandle, index: FileIndex) => Promise<T>): Promise<T | undefined> {
    return this.#inTurn('read', async () => {
      const opened = await this.#open()
      try {
        return opened && (await work(opened.file, opened.index))
      } finally {
        await opened?.file.close()
      }
    })
  }

  /**
   * Reads lines one after the other, as slowly as the caller takes them. All come from the file that is there now: a
   * rewrite puts another in its place, and leaves this one as it is.
   */
  async *readEach<T>(
    choose: (index: FileIndex) => readonly IndexedLine[],
    work: (file: FileHandle, line: IndexedLine) => Promise<T>,
  ): AsyncGenerator<T> {
    const chosen = await this.#inTurn('read', async () => {
      const opened = await this.#open()
      // The index goes on with the file: what it says now is taken in this turn.
      return opened && { file: opened.file, lines: choose(opened.index) }
    })
    if (!chosen) return
    const { file, lines } = chosen
    try {
      for (const line of lines) yield await this.#attempt('read', () => work(file, line))
    } finally {
      await file.close()
    }
  }

  /**
   * Reads the line of a run by the index on disk, where no index is in memory: a process that loads one trace does not
   * read the whole index for it. Undefined where that does not find it, which says nothing.
   */
  readQuickly<T>(runId: string, work: (file: FileHandle, line: IndexedLine) => Promise<T>): Promise<T | undefined> {
    return this.#attempt('read', async () => {
      if (this.#index || this.#indexedOnDisk < 0) return undefined
      const file = await open(this.#path, 'r').catch(unlessMissing)
      try {
        const line = file && (await findByIndexFile(this.#indexPath, file, runId))
        return line && (await work(file, line))
      } finally {
        await file?.close()
      }
    })
  }

  /** Forgets the index, since the file is not what it says. */
  forgetIndex(): void {
    this.#index = undefined
    this.#indexedOnDisk = -1
  }

  /** Replaces the file by a copy with only some of its lines. Lines that are no traces stay. */
  rewrite(keep: (head: LineHead, line: FileLine, index: FileIndex) => boolean): Promise<void> {
    return this.#inTurn('rewrite', () => this.#lock.hold((check) => this.#rewrite(keep, check)))
  }

  async #appendOnce(saved: SavedTrace): Promise<boolean> {
    await this.#lock.released()
    const file = await open(this.#path, 'a+')
    try {
      const { ino } = await file.stat({ bigint: true })
      // After a crash of another program the file may end within a line.
      const start = (await endsWithLine(file)) ? '' : '\n'
      const bytes = Buffer.from(`${start}${saved.line}\n`)
      const { bytesWritten } = await file.write(bytes)
      if (bytesWritten < bytes.length)
        throw new StorageError('query', `Could not append to ${this.#path}: the disk is full.`)
      await this.#lock.released()
      const there = await stat(this.#path, { bigint: true }).catch(unlessMissing)
      return there?.ino === ino
    } finally {
      await file.close()
    }
  }

  async #has(saved: SavedTrace): Promise<boolean> {
    const found = await this.read(async (_, { lines }) => lines.get(saved.runId))
    return found !== undefined && found.savedMicros >= saved.savedMicros
  }

  /** The file, which the caller closes, and an index that knows all of it; undefined when there is none. */
  async #open(): Promise<{ file: FileHandle; index: FileIndex } | undefined> {
    const file = await open(this.#path, 'r').catch(unlessMissing)
    if (!file) return undefined
    try {
      const { index } = await this.#refresh(file)
      return { file, index }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Brings the index up to the end of the file, and says where that was. */
  async #refresh(file: FileHandle): Promise<{ index: FileIndex; size: number }> {
    const { ino, size } = await file.stat({ bigint: true })
    const known = this.#index ?? (this.#indexedOnDisk < 0 ? undefined : await readIndexFile(this.#indexPath))
    if (known !== this.#index) this.#indexedOnDisk = known?.covered ?? 0
    const fits =
      known?.inode === ino &&
      known.covered <= Number(size) &&
      (await fingerprintAt(file, known.covered)).equals(known.fingerprint)
    const index = fits ? known : emptyIndex(ino)
    if (!fits) this.#indexedOnDisk = 0
    this.#index = undefined
    await extend(index, file, Number(size))
    this.#index = index
    const beyond = index.covered - this.#indexedOnDisk
    if (beyond > worthIndexing && beyond > this.#indexedOnDisk / 10) await this.#keepIndex(index)
    return { index, size: Number(size) }
  }

  async #keepIndex(index: FileIndex): Promise<void> {
    await writeIndexFile(this.#indexPath, index)
    this.#indexedOnDisk = index.covered
  }

  async #rewrite(
    keep: (head: LineHead, line: FileLine, index: FileIndex) => boolean,
    checkLock: () => Promise<void>,
  ): Promise<void> {
    await this.#removeLeftovers()
    const file = await open(this.#path, 'r').catch(unlessMissing)
    if (!file) return
    const copyPath = `${this.#path}.${process.pid}.${randomBytes(4).toString('hex')}.rewrite`
    try {
      // What is appended after this look is appended again by its writer, who sees another file then.
      const { index, size } = await this.#refresh(file)
      const { mode } = await file.stat()
      const copy = await open(copyPath, 'wx', mode)
      try {
        for await (const lines of scanLines(file, 0, size)) {
          const kept = lines.filter((line) => {
            const head = headOf(line.bytes)
            return head === undefined || keep(head, line, index)
          })
          if (kept.length > 0) await copy.writeFile(Buffer.concat(kept.flatMap(({ bytes }) => [bytes, lineFeed])))
        }
        await copy.sync()
      } finally {
        await copy.close()
      }
      // Lines that were appended after the lock was taken away are not in the copy.
      await checkLock()
      await rename(copyPath, this.#path)
      await syncFolder(dirname(this.#path))
      this.forgetIndex()
    } catch (error) {
      await rm(copyPath, { force: true })
      throw error
    } finally {
      await file.close()
    }
  }

  /** Copies that a rewrite left behind when it was killed. */
  async #removeLeftovers(): Promise<void> {
    const folder = dirname(this.#path)
    const name = basename(this.#path)
    const left = await readdir(folder).catch(() => [])
    const copies = left.filter((each) => each.startsWith(`${name}.`) && each.endsWith('.rewrite'))
    await Promise.all(copies.map((each) => rm(join(folder, each), { force: true })))
  }

  get #indexPath(): string {
    return `${this.#path}.index`
  }

  #inTurn<T>(during: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#attempt(during, work))
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #attempt<T>(during: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw storageError(error, `${during} ${this.#path}`)
    }
  }
}

const lineFeed = Buffer.from('\n')

/** Adds the lines of a file that an index does not know yet. */
async function extend(index: FileIndex, file: FileHandle, size: number): Promise<void> {
  let covered = index.covered
  for await (const lines of scanLines(file, index.covered, size)) {
    for (const { offset, bytes, complete } of lines) {
      const head = headOf(bytes)
      if (head) index.lines.set(head.runId, indexed(offset, bytes, head))
      // A line without an end is looked at again next time.
      if (!complete) continue
      if (!head && !isBlank(bytes)) index.broken += 1
      covered = offset + bytes.length + 1
    }
  }
  if (covered === index.covered) return
  index.covered = covered
  index.fingerprint = await fingerprintAt(file, covered)
}

const indexed = (offset: number, { length }: Buffer, { savedMicros }: LineHead): IndexedLine => ({
  offset,
  length,
  savedMicros,
})

const isBlank = (bytes: Buffer) => bytes.toString('latin1').trim() === ''

/** Whether a file ends with a line, or is empty. A line that is being written right now is waited for. */
async function endsWithLine(file: FileHandle): Promise<boolean> {
  for (let before = -1; ; ) {
    const { size } = await file.stat()
    if (size === 0) return true
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    if (buffer[0] === lineFeed[0]) return true
    if (size === before) return false
    before = size
    await delay(lineWriteMs)
  }
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

/** Makes a rename survive a loss of power, where folders can be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close()
}
