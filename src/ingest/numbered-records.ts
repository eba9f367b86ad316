import { BatchError, type RejectedRow } from '../errors.ts'
import type { BatchWriter } from '../writers/batch-writer.ts'

interface Numbered<T> {
  readonly record: T
  /** The line of the source that it came from. */
  readonly line: number
}

/** A record that was left out, and why. */
export interface RefusedRecord<T> extends Numbered<T> {
  readonly message: string
}

/** Records of one kind with the lines that they came from. They are written together. */
export class NumberedRecords<T extends object> {
  #items: Numbered<T>[] = []

  get size(): number {
    return this.#items.length
  }

  get records(): T[] {
    return this.#items.map(({ record }) => record)
  }

  add(records: readonly T[], line: number): void {
    for (const record of records) this.#items.push({ record, line })
  }

  /** Removes the records that `isRefused` selects. */
  refuse(isRefused: (record: T) => boolean, message: string): RefusedRecord<T>[] {
    const refused = this.#items.filter(({ record }) => isRefused(record))
    if (refused.length > 0) this.#items = this.#items.filter(({ record }) => !isRefused(record))
    return refused.map((item) => ({ ...item, message }))
  }

  /**
   * Writes the records, and removes those that the writer or the database refuses.
   *
   * @throws StorageError when the database is unreachable
   */
  async write(writer: Pick<BatchWriter<T>, 'bulk' | 'write'>): Promise<RefusedRecord<T>[]> {
    if (this.size === 0) return []
    const messages = new Map((await refusals(writer, this.records)).map(({ index, message }) => [index, message]))
    if (messages.size === 0) return []
    const refused = this.#items.flatMap((item, index) => {
      const message = messages.get(index)
      return message === undefined ? [] : [{ ...item, message }]
    })
    this.#items = this.#items.filter((_, index) => !messages.has(index))
    return refused
  }
}

/** Writes over several connections, and returns what was refused. */
async function refusals<T extends object>(
  writer: Pick<BatchWriter<T>, 'bulk' | 'write'>,
  records: readonly T[],
): Promise<readonly RejectedRow[]> {
  const { rejected, rejections } = await writer.bulk(records)
  if (rejected === rejections.length) return rejections
  // A bulk write lists only the first rejections. Writing again stores nothing twice, and lists all.
  try {
    await writer.write(records)
    return []
  } catch (error) {
    if (error instanceof BatchError) return error.rejected
    throw error
  }
}
