import type { Pool, Reader } from '../engines/pool.ts'

/** Whose rows are read, and from where. */
export interface ReadScope {
  readonly pool: Reader
  readonly projectId: string
  /** Ends the reading: the pool knows it, and its reason is no failure. @default none */
  readonly signal?: AbortSignal | undefined
}

/** The same without limits, for reads that go on. */
export interface PoolScope extends ReadScope {
  readonly pool: Pool
}
