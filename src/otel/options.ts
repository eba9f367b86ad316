import type { StorageError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { WriterOptions } from '../writers/options.ts'

/** What an export that failed means for its records. */
export interface ExportFailure {
  readonly signal: 'spans' | 'logs' | 'metrics'
  /** Records of the export that are not stored, or whose outcome is not known. */
  readonly records: number
}

/** How an exporter stores. */
export interface CommonOptions {
  /** The tenant that every row belongs to. @default that of the store, else 'default' */
  projectId?: string | undefined
  /**
   * How long an export may take, in milliseconds, while the database is away: then it is answered as failed. It is a
   * little below the time that the SDK's batch processors give it. A shutdown takes no longer, and no more than the
   * default. @default 28000
   */
  timeoutMs?: number | undefined
  /** Records that may wait for the database; an export beyond it fails at once. @default 50000 */
  queueRecords?: number | undefined
  /**
   * Called for every export of which something is not stored. What it throws changes nothing. @default none for an
   * exporter, whose failures the SDK logs; a process warning for a span processor
   */
  onError?: ((error: StorageError, failure: ExportFailure) => void) | undefined
}

/** An exporter on a store that the program has, and closes. */
export interface OnStore extends CommonOptions {
  store: Store | PromiseLike<Store>
  url?: undefined
  migrate?: undefined
  writers?: undefined
}

/** An exporter that opens a store, which it shares with the exporters of the same URL; the last one closes it. */
export interface OnUrl extends CommonOptions {
  store?: undefined
  /** The database, as `openStore` takes it. @default as configured (see `loadConfig`) */
  url?: string | undefined
  /** Bring the tables up to this version's schema first. @default false */
  migrate?: boolean | undefined
  /** How the writers batch, and what they do to records (`transform`). @default retryForMs is timeoutMs */
  writers?: WriterOptions | undefined
}

/** Where an exporter stores, and how. */
export type ExporterOptions = OnStore | OnUrl

export const exporterDefaults = {
  timeoutMs: 28_000,
  queueRecords: 50_000,
} as const
