import { createHash } from 'node:crypto'

/** Where a line is in its file, and when its trace was saved. */
export interface IndexedLine {
  readonly offset: number
  /** Bytes, without the line feed. */
  readonly length: number
  /** Microseconds since 1970. */
  readonly savedMicros: number
}

/** Of a slot: 16 bytes of a run id's hash, offset, time of saving, length, and 4 bytes unused. */
const slotBytes = 40
const hashBytes = 16
const leastSlots = 64

/**
 * The offset of each run's last line in a file. A hash table in one buffer, which is read from disk and written to it as
 * it is: nothing is parsed to look up one run among millions.
 */
export class LineIndex {
  #slots: Buffer
  #count: number

  constructor(slots = Buffer.alloc(leastSlots * slotBytes), count = 0) {
    this.#slots = slots
    this.#count = count
  }

  /** Runs in it. */
  get count(): number {
    return this.#count
  }

  /** The table, to be kept. */
  get slots(): Buffer {
    return this.#slots
  }

  get(runId: string): IndexedLine | undefined {
    const at = this.#find(hashOf(runId))
    return this.#isFree(at) ? undefined : this.#read(at)
  }

  set(runId: string, line: IndexedLine): void {
    this.#put(hashOf(runId), line)
  }

  /** All lines, in no order. */
  *lines(): Generator<IndexedLine> {
    for (let at = 0; at < this.#slots.length; at += slotBytes) if (!this.#isFree(at)) yield this.#read(at)
  }

  #put(hash: Buffer, { offset, length, savedMicros }: IndexedLine): void {
    if (this.#count * slotBytes * 2 >= this.#slots.length) this.#grow()
    const at = this.#find(hash)
    if (this.#isFree(at)) this.#count += 1
    hash.copy(this.#slots, at)
    this.#slots.writeDoubleLE(offset, at + 16)
    this.#slots.writeDoubleLE(savedMicros, at + 24)
    this.#slots.writeUInt32LE(length, at + 32)
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = Buffer.alloc(old.length * 4)
    this.#count = 0
    for (let at = 0; at < old.length; at += slotBytes) {
      if (old.readUInt32LE(at + 32) > 0) this.#put(old.subarray(at, at + hashBytes), readSlot(old, at))
    }
  }

  /** The slot of a hash, or the free one where it belongs. */
  #find(hash: Buffer): number {
    const slots = this.#slots.length / slotBytes
    let slot = hash.readUInt32LE(0) % slots
    while (
      !this.#isFree(slot * slotBytes) &&
      hash.compare(this.#slots, slot * slotBytes, slot * slotBytes + hashBytes) !== 0
    ) {
      slot = (slot + 1) % slots
    }
    return slot * slotBytes
  }

  // A line is never empty.
  #isFree(at: number): boolean {
    return this.#slots.readUInt32LE(at + 32) === 0
  }

  #read(at: number): IndexedLine {
    return readSlot(this.#slots, at)
  }
}

const readSlot = (slots: Buffer, at: number): IndexedLine => ({
  offset: slots.readDoubleLE(at + 16),
  savedMicros: slots.readDoubleLE(at + 24),
  length: slots.readUInt32LE(at + 32),
})

const hashOf = (runId: string): Buffer => createHash('md5').update(runId).digest()

/** Slots that are read at once where a table is looked into on disk. */
const slotsAtOnce = 16

/**
 * Looks a run up in a table that is not in memory.
 *
 * @param read some bytes of the table
 */
export async function lookUp(
  runId: string,
  tableBytes: number,
  read: (at: number, length: number) => Promise<Buffer>,
): Promise<IndexedLine | undefined> {
  const hash = hashOf(runId)
  const slots = tableBytes / slotBytes
  const first = hash.readUInt32LE(0) % slots
  for (let looked = 0; looked < slots; ) {
    const slot = (first + looked) % slots
    const some = await read(slot * slotBytes, Math.min(slotsAtOnce, slots - slot) * slotBytes)
    for (let at = 0; at < some.length; at += slotBytes, looked += 1) {
      const line = readSlot(some, at)
      if (line.length === 0) return undefined
      if (hash.compare(some, at, at + hashBytes) === 0) return line
    }
  }
  return undefined
}
