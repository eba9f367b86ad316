import type { WriteMethod } from '../engines/sink.ts'
import { ConfigError, type StorageError } from '../errors.ts'
import type { Entity } from '../rows/accepted-row.ts'
import { withoutUndefined } from '../without-undefined.ts'
import type { Transform } from './transforms/transform.ts'

/**
 * When a `write` resolves. `committed`: every row is stored, and the writer flushes as soon as the database is free.
 * `queued`: the rows are checked and wait in memory; they are lost if the process dies before they are flushed.
 */
export type Ack = 'queued' | 'committed'

/** How a writer batches, what it holds in memory, and what it does about failures. */
export interface WriterOptions {
  /** When `write` resolves, unless the call says otherwise. @default 'committed' */
  ack?: Ack | undefined
  /** A batch is sent when this many rows wait. @default 5000 */
  batchRows?: number | undefined
  /** A batch is sent when the rows that wait take this many bytes of heap. @default 16 MiB */
  batchBytes?: number | undefined
  /** A batch is sent when its oldest row has waited this long, in milliseconds. @default 1000 */
  maxAgeMs?: number | undefined
  /** Rows that may wait in memory, in each writer and in each connection of a bulk write. @default 100000 */
  queueRows?: number | undefined
  /** Bytes of heap that waiting rows may take, in each writer and in each connection of a bulk write. @default 256 MiB */
  queueBytes?: number | undefined
  /** What `write` does while the queue is full: wait for room, or drop the rows and count them. @default 'block' */
  whenFull?: 'block' | 'drop' | undefined
  /**
   * How long a batch is tried before its rows are given up, in milliseconds. Rows that come meanwhile wait in the queue.
   * @default 300000, five minutes
   */
  retryForMs?: number | undefined
  /**
   * How often a batch is tried at most; twice at most where the server stopped it for taking too long.
   * @default 1000000: `retryForMs` ends it
   */
  maxAttempts?: number | undefined
  /** The longest wait before the second try, in milliseconds; it doubles, and the actual wait is drawn below it. @default 100 */
  retryDelayMs?: number | undefined
  /** The longest wait between two tries, in milliseconds: so long may writing be late when the database is back. @default 2000 */
  maxRetryDelayMs?: number | undefined
  /**
   * How rows reach PostgreSQL; other engines ignore it. `copy`: binary COPY, after a look at which keys are stored
   * already. `insert`: one INSERT … ON CONFLICT from binary arrays. `auto`: whichever is faster for the batch.
   * @default 'auto'
   */
  method?: WriteMethod | undefined
  /**
   * Whether rows that wait, for their batch or for another try, keep the process running until they are stored or given
   * up. A process that ends without storing them says on stderr how many there were. @default true
   */
  keepProcessAlive?: boolean | undefined
  /**
   * Called for every record before it is checked: it redacts, samples, enriches or leaves out. Several are called one
   * after the other. `copy` and `sync` do not call it: they store what is stored. @default none
   */
  transform?: Transform | readonly Transform[] | undefined
  /**
   * What becomes of a record when `transform` throws: it is refused by name, like a record that is not valid, or it is
   * stored as it was before the transform that threw. @default 'refuse'
   */
  whenTransformFails?: 'refuse' | 'keep' | undefined
  /**
   * Whether what models and tools were given and gave is stored. `false` is `dropContent()`, after every transform.
   * @default true
   */
  captureContent?: boolean | undefined
  /**
   * Called for every failed try, and for rows that are lost: `failure.isFinal` tells them apart. What it throws is
   * reported as a process warning and changes nothing else.
   */
  onError?: ((error: StorageError, failure: WriteFailure) => void) | undefined
}

/** What an error of a writer means for its rows. */
export interface WriteFailure {
  readonly entity: Entity | 'runs'
  readonly projectId: string
  /** Rows of the batch, or rows that are lost. */
  readonly rows: number
  /** How often the batch was tried. */
  readonly attempt: number
  /** `false`: the batch is tried again. `true`: the rows are given up, or the engine refused them. */
  readonly isFinal: boolean
}

export const writerDefaults = {
  ack: 'committed',
  batchRows: 5_000,
  batchBytes: 16 * 1024 * 1024,
  maxAgeMs: 1_000,
  queueRows: 100_000,
  queueBytes: 256 * 1024 * 1024,
  whenFull: 'block',
  retryForMs: 300_000,
  maxAttempts: 1_000_000,
  retryDelayMs: 100,
  maxRetryDelayMs: 2_000,
  method: 'auto',
  keepProcessAlive: true,
  transform: [],
  whenTransformFails: 'refuse',
  captureContent: true,
  onError: () => {},
} as const satisfies Required<WriterOptions>

/** Every option with its value. */
export type WriterSettings = { [K in keyof WriterOptions]-?: NonNullable<WriterOptions[K]> }

/** The given options over the defaults. */
export function writerSettings(options: WriterOptions): WriterSettings {
  const settings = { ...writerDefaults, ...withoutUndefined(options) }
  return { ...settings, onError: harmless(settings.onError) }
}

/**
 * Whether a write resolves when its rows are stored.
 *
 * @throws ConfigError for any other value, so that a misspelled `committed` does not lose its guarantee
 */
export function isAwaited(ack: Ack): boolean {
  if (ack !== 'committed' && ack !== 'queued') throw new ConfigError("ack must be 'committed' or 'queued'.")
  return ack === 'committed'
}

/** Wraps the caller's function: its errors must not change what happens to rows. */
function harmless(onError: WriterSettings['onError']): WriterSettings['onError'] {
  const call = async (error: StorageError, failure: WriteFailure) => onError(error, failure)
  return (error, failure) => {
    call(error, failure).catch(() =>
      process.emitWarning('A writer’s onError failed; the rows are not affected.', 'TraceholdWarning'),
    )
  }
}

/**
 * What a writer has done since it was made. Always exact:
 * `accepted = stored + deduplicated + rejected + dropped + pending`.
 */
export interface WriterStats {
  /** Rows that passed the checks. */
  readonly accepted: number
  /** Rows that did not: they are not among the accepted. */
  readonly refused: number
  /** Records that `transform` left out: they are not among the accepted. */
  readonly discarded: number
  /** Texts with characters that no engine holds (NUL, lone surrogates), which became U+FFFD. */
  readonly replacedTexts: number
  readonly stored: number
  /** The same key came again later, or a newer version was stored already. */
  readonly deduplicated: number
  /** Rows that the engine refused. */
  readonly rejected: number
  /**
   * Rows given up because the queue was full or the database was unreachable. Some of the latter may be stored: the
   * reply of a commit can be lost.
   */
  readonly dropped: number
  /** Rows that wait or are being stored. */
  readonly pending: number
  /** Estimated bytes of heap that pending rows take. */
  readonly pendingBytes: number
  readonly batches: number
  /**
   * Traces that were counted anew from all of their spans, since a batch alone could not tell: a span lost what the
   * trace's row shows of it, or changed its parent. It costs what the trace is, not what the batch is.
   */
  readonly recounted: number
  readonly retries: number
}

/** The counters of a writer. */
export type WriterCounts = { -readonly [K in Exclude<keyof WriterStats, 'pending' | 'pendingBytes'>]: number }

/** All counters at 0. */
export const noCounts: Readonly<WriterCounts> = {
  accepted: 0,
  refused: 0,
  discarded: 0,
  replacedTexts: 0,
  stored: 0,
  deduplicated: 0,
  rejected: 0,
  dropped: 0,
  batches: 0,
  recounted: 0,
  retries: 0,
}
