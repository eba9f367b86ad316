import { FormatError } from '../errors.ts'
import { knownFormats, readRecords } from '../formats/formats.ts'
import { type ReadDocument, readDocuments } from '../formats/read-documents.ts'
import type { Store } from '../store/store.ts'
import { Chunk, type ChunkOutcome } from './chunk.ts'
import {
  addReaders,
  emptyReport,
  type ImportProgress,
  type ImportRejection,
  type ImportReport,
} from './import-report.ts'

/** How documents are imported. */
export interface ImportOptions {
  /** Called after every piece of the source and every write. */
  onProgress?: ((progress: ImportProgress) => void) | undefined
  /** Called for everything that is left out. */
  onRejected?: ((rejection: ImportRejection) => void) | undefined
  /**
   * Ids of traces that were counted before; this import adds its own. Pass the same set to the imports of several
   * sources, so that a trace of two of them is counted once.
   *
   * @default a new set
   */
  traceIds?: Set<string> | undefined
  /**
   * Store a run of two sources (recorded spans and a saved document) once, instead of refusing the second. Recorded
   * spans replace those of a document. @default false
   */
  merge?: boolean | undefined
}

/** Records that are written together. */
const chunkRecords = 4_000
/** Bytes of the source after which a chunk is written even when it has few records. */
const chunkBytes = 8 * 1024 * 1024
/** Chunks that are written at the same time, unless they share a trace: the next batch is ready when one is stored. */
const chunksInFlight = 2

/**
 * Reads documents of any format that tracehold knows, and stores what they hold. What cannot be read or stored is left
 * out and counted; the rest is stored. Besides the ids of traces, memory does not grow with the source.
 *
 * @param source UTF-8 text: JSON Lines, or JSON values
 * @throws FormatError when the source holds something, and nothing of it is of a known format; StorageError when the
 *   database stayed away
 *
 * @example
 * const report = await importDocuments(store, createReadStream('traces.otlp.jsonl'))
 * console.log(`${report.spans} spans of ${report.traces} traces, ${report.rejected} rejected`)
 */
export async function importDocuments(
  store: Store,
  source: AsyncIterable<Uint8Array | string>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const run = new ImportRun(store, options)
  for await (const found of readDocuments(run.counted(source))) {
    run.add(found)
    await run.writeFullChunk()
  }
  return run.end()
}

/** A chunk that is being written. */
interface Writing {
  readonly chunk: Chunk
  readonly done: Promise<void>
}

class ImportRun {
  readonly #store: Store
  readonly #options: ImportOptions
  readonly #traceIds: Set<string>
  readonly #tracesBefore: number
  readonly #metricNames = new Set<string>()
  readonly #report = emptyReport()
  readonly #writing: Writing[] = []
  #chunk = new Chunk()
  #bytesRead = 0
  /** Where in the source the chunk begins. */
  #chunkStart = 0
  #understood = false
  #unknownFormat: FormatError | undefined

  constructor(store: Store, options: ImportOptions) {
    this.#store = store
    this.#options = options
    this.#traceIds = options.traceIds ?? new Set()
    this.#tracesBefore = this.#traceIds.size
  }

  /** The source, with its bytes counted. */
  async *counted(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array | string> {
    for await (const piece of source) {
      this.#bytesRead += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
      this.#progress()
      yield piece
    }
  }

  add({ line, document, text, error }: ReadDocument): void {
    if (error) {
      this.#reject({ line, message: error.message })
      return
    }
    try {
      const result = readRecords(document, text)
      this.#understood = true
      this.#chunk.add(result, line)
      if (result.readings) addReaders(this.#report.readers, result.readings.values())
      for (const { path, reason } of result.rejected) this.#reject({ line, message: `${path} ${reason}`.trim() })
    } catch (thrown) {
      if (!(thrown instanceof FormatError)) throw thrown
      this.#unknownFormat ??= thrown
      this.#reject({ line, message: thrown.message })
    }
  }

  /** Starts to write a full chunk, and waits while too many are being written. */
  async writeFullChunk(): Promise<void> {
    if (this.#chunk.size < chunkRecords && this.#bytesRead - this.#chunkStart < chunkBytes) return
    await this.#beginWrite()
    while (this.#writing.length >= chunksInFlight) await this.#writing.shift()?.done
  }

  async end(): Promise<ImportReport> {
    if (this.#report.rejected > 0 && !this.#understood) throw this.#unknownFormat ?? notJson()
    await this.#beginWrite()
    await Promise.all(this.#writing.map(({ done }) => done))
    return this.#report
  }

  async #beginWrite(): Promise<void> {
    const chunk = this.#chunk
    // Otherwise neither would see the other's source of a run, and the earlier line could get the later stamp.
    while (this.#writing.some((other) => chunk.isBoundTo(other.chunk))) await this.#writing.shift()?.done
    const done = chunk.write(this.#store, this.#options.merge ?? false).then((outcome) => this.#count(outcome))
    // It is awaited later; until then a failure must not be unhandled.
    done.catch(() => {})
    this.#writing.push({ chunk, done })
    this.#chunk = new Chunk()
    this.#chunkStart = this.#bytesRead
  }

  #count({ traces, spans, events, plain, rejections }: ChunkOutcome): void {
    for (const { traceId } of traces) this.#traceIds.add(traceId)
    for (const { traceId } of spans) this.#traceIds.add(traceId)
    this.#report.traces = this.#traceIds.size - this.#tracesBefore
    this.#report.spans += spans.length
    for (const name of plain.metricNames) this.#metricNames.add(name)
    this.#report.results += plain.results
    this.#report.metrics = this.#metricNames.size
    this.#report.points += plain.points
    this.#report.logs += plain.logs
    this.#report.events += events.length
    for (const rejection of rejections) this.#reject(rejection)
    this.#progress()
  }

  #reject(rejection: ImportRejection): void {
    this.#report.rejected += 1
    this.#options.onRejected?.(rejection)
  }

  #progress(): void {
    this.#options.onProgress?.({ ...this.#report, bytesRead: this.#bytesRead })
  }
}

const notJson = () => new FormatError(`There is no JSON in it. tracehold reads ${knownFormats}.`)
