import type { Pool } from '../engines/pool.ts'

/** Whose rows are read, and from where. */
export interface ReadScope {
  readonly pool: Pool
  readonly projectId: string
}
