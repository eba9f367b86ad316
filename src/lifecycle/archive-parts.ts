import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { FormatError, StorageError } from '../errors.ts'
import {
  type ArchivedKind,
  type ArchivedPage,
  type ArchiveHeader,
  type PartSum,
  type ReadOfArchive,
  readArchive,
  textOfPart,
} from '../row-pages/archive-part.ts'
import { type ArchiveTarget, projectOfName } from './archive-target.ts'
import { idsOf } from './archived-pages.ts'

/** A part that was written, and read again. */
export interface ArchivePart extends PartSum {
  readonly name: string
  /** Its size, compressed. */
  readonly bytes: number
}

const longestProject = 80
const ending = '.jsonl.gz'
const nameOfPart = /^\d{8}T\d{9}Z\.\d{6}\.jsonl\.gz$/

/**
 * The parts of a project's archive. Their names order them: `default.20261201T093015123Z.000001.jsonl.gz` is the first
 * part of a run.
 */
export class ArchiveParts {
  readonly #target: ArchiveTarget
  readonly #projectId: string
  readonly #project: string
  #run: string | undefined
  #count = 0

  constructor(target: ArchiveTarget, projectId: string) {
    this.#target = target
    this.#projectId = projectId
    this.#project = fileName(projectId)
  }

  /** Writes a part, reads it again, and compares. What it then says is safe. */
  async write(header: ArchiveHeader, pages: AsyncIterable<ArchivedPage>): Promise<ArchivePart> {
    const name = await this.#nextName()
    let bytes = 0
    let written: PartSum | undefined
    const text = textOfPart(header, pages, (sum) => {
      written = sum
    })
    await this.#target.write(
      name,
      (async function* () {
        for await (const piece of through(Readable.from(text), createGzip())) {
          bytes += piece.length
          yield piece
        }
      })(),
    )
    const read = await this.#verified(name)
    if (written?.sha256 !== read?.sha256 || written === undefined) {
      throw new StorageError(
        'internal',
        `The part ${name} of the archive is not what was written. Nothing of it was deleted.`,
      )
    }
    return { name, bytes, ...written }
  }

  /** The last part, or undefined. */
  async last(): Promise<string | undefined> {
    const own = (await this.#target.names()).filter(
      (name) => projectOfName(name) === this.#project && nameOfPart.test(name.slice(this.#project.length + 1)),
    )
    return own.sort().at(-1)
  }

  /**
   * The first line of a part, and the ids of what was archived by itself. Undefined for what is no whole part: before a
   * part is whole, nothing of it is deleted.
   */
  async idsOf(name: string): Promise<{ header: ArchiveHeader; ids: string[] } | undefined> {
    let header: ArchiveHeader | undefined
    const ids: string[] = []
    try {
      for await (const read of this.#read(name)) {
        if ('header' in read) header = read.header
        else if ('row' in read && read.entity === header?.of)
          ids.push(...idsOf(read.entity as ArchivedKind, [read.row]))
      }
    } catch (error) {
      if (error instanceof FormatError || isBroken(error)) return undefined
      throw error
    }
    return header && { header, ids }
  }

  #read(name: string): AsyncGenerator<ReadOfArchive, void, undefined> {
    return readArchive(through(Readable.from(this.#target.read(name)), createGunzip()), this.#projectId)
  }

  async #verified(name: string): Promise<PartSum | undefined> {
    let sum: PartSum | undefined
    for await (const read of this.#read(name)) {
      if ('fault' in read) throw new FormatError(`Line ${read.line} of ${name} ${read.fault}`)
      if ('whole' in read) sum = read.whole
    }
    return sum
  }

  async #nextName(): Promise<string> {
    this.#run ??= await this.#newRun()
    this.#count += 1
    return `${this.#project}.${this.#run}.${String(this.#count).padStart(6, '0')}${ending}`
  }

  /** The time of the run; after that of the last one, whatever the clock says. */
  async #newRun(): Promise<string> {
    const last = (await this.last())?.slice(this.#project.length + 1).split('.')[0] ?? ''
    const at = Math.max(Date.now(), (timeOf(last) || 0) + 1)
    return new Date(at).toISOString().replaceAll(/[-:.]/g, '')
  }
}

const timeOf = (run: string) =>
  Date.parse(run.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, '$1-$2-$3T$4:$5:$6.$7Z'))

/** A project as the begin of a file's name, without a dot. */
function fileName(projectId: string): string {
  const name = encodeURIComponent(projectId).replaceAll('.', '%2E').replaceAll('*', '%2A')
  if (name.length <= longestProject) return name
  return `${name.slice(0, longestProject)}~${createHash('sha256').update(projectId).digest('hex').slice(0, 12)}`
}

/** Whether a decompressor found its input cut or broken. */
const isBroken = (error: unknown) => error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')

/** What comes of a source through a compressor; a failure of either ends it. */
async function* through(source: Readable, compressor: NodeJS.ReadWriteStream): AsyncGenerator<Buffer, void, undefined> {
  const running = pipeline(source, compressor)
  // It shows when the compressor is read.
  running.catch(() => {})
  for await (const piece of compressor) yield piece as Buffer
  await running
}
