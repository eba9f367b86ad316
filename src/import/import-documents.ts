import { FormatError } from '../errors.ts'
import { ContentIds } from '../formats/content-id.ts'
import { knownFormats, readRecords } from '../formats/formats.ts'
import { type ReadDocument, readDocuments } from '../formats/read-documents.ts'
import type { ReadResult } from '../formats/read-result.ts'
import { Chunk, type ChunkOutcome } from '../ingest/chunk.ts'
import type { ImportRejection } from '../ingest/rejection.ts'
import { type AcceptedRow, type Entity, leadingKeyOf } from '../rows/accepted-row.ts'
import type { Store } from '../store/store.ts'
import { shortId } from '../text/short-id.ts'
import { decodeSource } from './decode-source.ts'
import { type ArchiveReading, importArchive, peekArchive } from './import-archive.ts'
import { addReaders, emptyReport, type ImportProgress, type ImportReport } from './import-report.ts'
import { Latest } from './latest.ts'

/** How documents are imported. */
export interface ImportOptions {
  /** Called after every piece of the source and every write. */
  onProgress?: ((progress: ImportProgress) => void) | undefined
  /** Called for everything that is left out. */
  onRejected?: ((rejection: ImportRejection) => void) | undefined
  /** Called for every detail that was repaired or left out of a record that is kept. */
  onRepaired?: ((repair: ImportRejection) => void) | undefined
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

/** Spans whose ids are remembered: repeated ones stand near each other. */
const mostSpansRemembered = 100_000
/** Records that are written together. */
const chunkRecords = 4_000
/** Bytes of the source after which a chunk is written even when it has few records. */
const chunkBytes = 8 * 1024 * 1024
/**
 * Characters of a line, or of a value over several lines, that are read; a longer one is left out and counted. As values
 * it takes some times as much memory.
 */
const longestDocument = 128 * 1024 * 1024
/** Chunks that are written at the same time, unless they share a trace: the next batch is ready when one is stored. */
const chunksInFlight = 2

/**
 * Reads documents of any format that tracehold knows, its own archives among them, and stores what they hold. What cannot be read or stored is left
 * out and counted; the rest is stored. Besides the ids of traces, memory does not grow with the source.
 *
 * @param source JSON Lines, or JSON values, as text or bytes: UTF-8 or UTF-16, also compressed (gzip, deflate, zstd)
 * @throws FormatError when the source holds something, and nothing of it is of a known format, or when it is compressed
 *   and broken, or a line does not end: what is before that is stored. StorageError when the database was unreachable
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
  try {
    const { isArchive, text } = await peekArchive(decodeSource(run.counted(source)))
    if (isArchive) {
      await importArchive(store, text, longestDocument, run)
      return run.report
    }
    for await (const found of readDocuments(text, { maxLength: longestDocument })) {
      run.add(found)
      await run.writeFullChunk()
    }
  } catch (error) {
    // The source broke off: what was read before is stored.
    if (!run.hasFailed) await run.stop(error)
    throw error
  }
  return run.end()
}

/** A chunk that is being written. */
interface Writing {
  readonly chunk: Chunk
  readonly done: Promise<void>
}

interface SpanPlace {
  readonly traceId: string
  readonly line: number
}

class ImportRun implements ArchiveReading {
  readonly #store: Store
  readonly #options: ImportOptions
  readonly #traceIds: Set<string>
  readonly #tracesBefore: number
  readonly #metricNames = new Set<string>()
  readonly #report = emptyReport()
  readonly #ids = new ContentIds()
  /** The line of a span, by its ids: the second one with the same ids replaces the first. */
  readonly #placeOfSpan = new Latest<SpanPlace>(mostSpansRemembered)
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
      const result = readRecords(document, { text, ids: this.#ids })
      this.#understood = true
      this.#chunk.add(result, line)
      if (result.readings) addReaders(this.#report.readers, result.readings.values())
      for (const { path, reason } of result.rejected) this.#reject({ line, message: `${path} ${reason}`.trim() })
      for (const { path, reason } of result.repaired) this.#repair({ line, message: `${path} ${reason}`.trim() })
      this.#nameRepeated(result, line)
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

  /** Whether a write failed: then nothing more is written. */
  hasFailed = false

  /** Stores what was read of a source that broke off. */
  async stop(error: unknown): Promise<void> {
    await this.#finish()
    const { spans, logs, points } = this.#report
    if (error instanceof FormatError) {
      error.message += `. Stored before: ${spans} spans, ${logs} log records, ${points} points.`
    }
  }

  async end(): Promise<ImportReport> {
    if (this.#report.rejected > 0 && !this.#understood) throw this.#unknownFormat ?? notJson()
    await this.#finish()
    return this.#report
  }

  async #finish(): Promise<void> {
    await this.#beginWrite()
    await Promise.all(this.#writing.map(({ done }) => done))
  }

  #repair(repair: ImportRejection): void {
    this.#report.repaired += 1
    this.#options.onRepaired?.(repair)
  }

  /** Names spans whose ids an earlier span of the source had: the later one replaces it. */
  #nameRepeated({ spans }: ReadResult, line: number): void {
    // One place for the spans of a trace that follow each other, and no key of both ids: this runs for every span.
    let place: SpanPlace | undefined
    for (const { traceId, spanId } of spans) {
      const before = this.#placeOfSpan.get(spanId)
      if (before?.traceId === traceId)
        this.#repair({
          line,
          message: `span ${shortId(spanId)} has the ids of a span of line ${before.line}: it replaces it`,
        })
      if (place?.traceId !== traceId) place = { traceId, line }
      this.#placeOfSpan.set(spanId, place)
    }
  }

  async #beginWrite(): Promise<void> {
    const chunk = this.#chunk
    // Otherwise neither would see the other's source of a run, and the earlier line could get the later stamp.
    while (this.#writing.some((other) => chunk.isBoundTo(other.chunk))) await this.#writing.shift()?.done
    const done = chunk.write(this.#store, this.#options.merge ?? false).then((outcome) => this.#count(outcome))
    // A failure shows when its turn to be awaited comes; until then it is not unhandled.
    done.catch(() => {
      this.hasFailed = true
    })
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

  /** Counts rows of an archive. */
  onStored(entity: Entity, rows: readonly AcceptedRow[]): void {
    if (entity === 'traces' || entity === 'spans') for (const row of rows) this.#traceIds.add(leadingKeyOf(entity, row))
    else if (entity === 'metrics') for (const row of rows) this.#metricNames.add(leadingKeyOf(entity, row))
    if (entity !== 'traces' && entity !== 'metrics') {
      this.#report[entity === 'metricPoints' ? 'points' : entity] += rows.length
    }
    this.#report.traces = this.#traceIds.size - this.#tracesBefore
    this.#report.metrics = this.#metricNames.size
    this.#progress()
  }

  onRejected(rejection: ImportRejection): void {
    this.#reject(rejection)
  }

  get report(): ImportReport {
    return this.#report
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
