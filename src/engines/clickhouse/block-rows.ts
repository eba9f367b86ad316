import { v7 as uuid } from 'uuid'
import {
  type AcceptedRow,
  columnIndex,
  type Entity,
  keyOf,
  leadingKeyOf,
  namedTraceOf,
  stampOf,
} from '../../rows/accepted-row.ts'
import type { PreparedRow } from '../sink.ts'
import { insertTargets } from './insert-target.ts'
import { NativeBlock } from './native.ts'

/** Enough rows to cost little beside them, few enough that what one row keeps is little. */
const blockRows = 4_096
const blockBytes = 8 * 1024 * 1024

/**
 * A row that waits in a block of the Native format. Rows are encoded when they are accepted, so that a queue holds bytes
 * that the collector never looks at, and what is sent are the columns as they lie there.
 */
export interface BlockRow extends PreparedRow {
  readonly block: NeededBlock
  /** Its index in the block. */
  readonly index: number
  /** The time by which its table is partitioned, in microseconds since 1970; 0 where it is not. */
  readonly time: number
}

/** The columns by which tables are partitioned. */
const timeIndexes: Partial<Record<Entity, number>> = {
  spans: columnIndex('spans', 'startTime'),
  events: columnIndex('events', 'time'),
  metricPoints: columnIndex('metricPoints', 'time'),
  logs: columnIndex('logs', 'time'),
}

class NeededBlock extends NativeBlock {
  readonly entity: Entity
  /** Rows that are needed still. */
  needed = 0
  /** Estimated bytes of its rows. */
  bytes = 0

  constructor(entity: Entity, like?: NeededBlock) {
    super(insertTargets[entity].columns, like)
    this.entity = entity
  }

  get isFull(): boolean {
    return this.rows >= blockRows || this.bytes >= blockBytes
  }

  override clear(): void {
    super.clear()
    this.bytes = 0
  }
}

const stampsIndex = columnIndex('traces', 'authoredStamps')

/**
 * What is said of some fields is a row of its own, in the order in which it was accepted. It keeps its name when it is sent
 * again. What is said of all fields has no name.
 */
const withPart = ({ values }: AcceptedRow) => ({
  values: [...values, (values[stampsIndex] ?? null) === null ? '' : uuid()],
})

/** Encodes rows into blocks, an entity's one after the other. */
export class BlockEncoder {
  /** The blocks that are being filled. */
  readonly #open = new Map<Entity, NeededBlock>()
  /** Blocks whose memory serves again while rows wait. */
  #free: NeededBlock[] = []
  #needed = 0

  encode(entity: Entity, row: AcceptedRow): BlockRow {
    const block = this.#blockFor(entity)
    block.needed += 1
    block.bytes += row.bytes
    this.#needed += 1
    const timeIndex = timeIndexes[entity]
    return {
      block,
      index: block.add(entity === 'traces' ? withPart(row) : row),
      bytes: row.bytes,
      leadingKey: leadingKeyOf(entity, row),
      key: keyOf(entity, row),
      stamp: stampOf(entity, row),
      traceId: namedTraceOf(entity, row),
      time: timeIndex === undefined ? 0 : (row.values[timeIndex] as number),
    }
  }

  /** Forgets rows, each once: their bytes are overwritten by later ones. Where nothing waits no memory is kept. */
  free(rows: readonly BlockRow[]): void {
    for (const { block } of rows) {
      block.needed -= 1
      if (block.needed === 0) this.#recycle(block)
    }
    this.#needed -= rows.length
    if (this.#needed > 0) return
    this.#free = []
    this.#open.clear()
  }

  #blockFor(entity: Entity): NeededBlock {
    const open = this.#open.get(entity)
    if (open && !open.isFull) return open
    const index = this.#free.findIndex((block) => block.entity === entity)
    const block = this.#free.splice(index, index < 0 ? 0 : 1)[0] ?? new NeededBlock(entity, open)
    this.#open.set(entity, block)
    return block
  }

  #recycle(block: NeededBlock): void {
    // One row may have been as large as many: that much memory is not kept.
    const isLarge = block.bytes > 2 * blockBytes
    block.clear()
    if (this.#open.get(block.entity) !== block) {
      if (!isLarge) this.#free.push(block)
    } else if (isLarge) this.#open.delete(block.entity)
  }
}

/** Rows as they are sent: a block for each block that they lie in. */
export function* encodeRows(rows: readonly BlockRow[]): Generator<Buffer, void, undefined> {
  const byBlock = new Map<NativeBlock, number[]>()
  for (const { block, index } of rows) {
    const indexes = byBlock.get(block)
    if (indexes) indexes.push(index)
    else byBlock.set(block, [index])
  }
  for (const [block, indexes] of byBlock) yield* block.encode(indexes.sort((a, b) => a - b))
}
