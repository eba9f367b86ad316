import { createSink } from '../engines/notifying-sink.ts'
import type { EngineSink } from '../engines/sink.ts'
import type { ImportRejection } from '../ingest/rejection.ts'
import { archiveStart, readArchive } from '../row-pages/archive-part.ts'
import { newestOfEachKey } from '../row-pages/newest-of-each-key.ts'
import { carriedRow } from '../row-pages/write-rows.ts'
import { type AcceptedRow, type Entity, entities } from '../rows/accepted-row.ts'
import type { Store } from '../store/store.ts'
import { writerSettings } from '../writers/options.ts'
import { withRetries } from '../writers/retry-policy.ts'

/** What an import of an archive tells as it goes on. */
export interface ArchiveReading {
  /** Called for rows that are stored. */
  readonly onStored: (entity: Entity, rows: readonly AcceptedRow[]) => void
  readonly onRejected: (rejection: ImportRejection) => void
}

/**
 * Whether a text begins like an archive; with the whole text, of which only the first pieces were read.
 */
export async function peekArchive(
  text: AsyncIterable<Uint8Array | string>,
): Promise<{ isArchive: boolean; text: AsyncIterable<Uint8Array | string> }> {
  const iterator = text[Symbol.asyncIterator]()
  const head: (Uint8Array | string)[] = []
  let begin = ''
  while (begin.length < archiveStart.length) {
    const { done, value } = await iterator.next()
    if (done) break
    head.push(value)
    begin += typeof value === 'string' ? value : Buffer.from(value).toString('latin1')
  }
  const whole = (async function* () {
    yield* head
    yield* { [Symbol.asyncIterator]: () => iterator }
  })()
  return { isArchive: begin.startsWith(archiveStart), text: whole }
}

/**
 * Stores the rows of an archive as they were: with their ids, stamps and everything that was computed elsewhere. A row
 * that is there already stays when it is newer, and what was erased is not stored again.
 *
 * @throws FormatError where the archive is cut or was changed: what is before that is stored. StorageError when the database
 *   was unreachable
 */
export async function importArchive(
  store: Store,
  text: AsyncIterable<Uint8Array | string>,
  longestLine: number,
  reading: ArchiveReading,
): Promise<void> {
  const rows = new WaitingRows(store, reading)
  try {
    for await (const read of readArchive(text, store.projectId, longestLine)) {
      if ('row' in read) await rows.add(read.entity, read.row, read.line)
      else if ('fault' in read) reading.onRejected({ line: read.line, message: read.fault })
    }
  } finally {
    await rows.end()
  }
}

/** Rows until they are enough for a batch, by their tables. */
class WaitingRows {
  readonly #store: Store
  readonly #sink: EngineSink
  readonly #reading: ArchiveReading
  readonly #waiting = new Map<Entity, AcceptedRow[]>()
  readonly #lines = new Map<AcceptedRow, number>()
  #bytes = 0

  constructor(store: Store, reading: ArchiveReading) {
    this.#store = store
    this.#sink = createSink(store.pool)
    this.#reading = reading
  }

  async add(entity: Entity, read: AcceptedRow, line: number): Promise<void> {
    const row = carriedRow(entity, read)
    if (row === undefined) return
    const waiting = this.#waiting.get(entity)
    if (waiting) waiting.push(row)
    else this.#waiting.set(entity, [row])
    this.#lines.set(row, line)
    this.#bytes += row.bytes
    if (this.#lines.size >= this.#sink.bulkRows || this.#bytes >= this.#sink.bulkBytes) await this.#write()
  }

  async end(): Promise<void> {
    await this.#write()
    await this.#sink.settle?.()
  }

  async #write(): Promise<void> {
    for (const entity of entities) {
      const waiting = this.#waiting.get(entity) ?? []
      const rows = this.#store.pool.capabilities.repeatedKeys ? waiting : newestOfEachKey(entity, waiting)
      if (rows.length > 0) await this.#writeTable(entity, rows)
    }
    this.#waiting.clear()
    this.#lines.clear()
    this.#bytes = 0
  }

  async #writeTable(entity: Entity, rows: readonly AcceptedRow[]): Promise<void> {
    const { projectId } = this.#store
    const prepared = rows.map((row) => this.#sink.prepare(entity, row))
    const write = () => this.#sink.write({ entity, projectId, rows: prepared })
    const { rejected } = await withRetries(write, {
      settings: writerSettings({}),
      signal: new AbortController().signal,
      onRetry: () => {},
    })
    this.#sink.free?.(prepared)
    const refused = new Map(rejected.map(({ index, message }) => [index, message]))
    for (const [index, message] of refused) {
      this.#reading.onRejected({ line: this.#lines.get(rows[index] as AcceptedRow) ?? 0, message })
    }
    this.#reading.onStored(
      entity,
      rows.filter((_, index) => !refused.has(index)),
    )
  }
}
