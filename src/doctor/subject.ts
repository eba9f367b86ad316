import type { Config } from '../config/config.ts'
import type { Target } from '../engines/database-url.ts'
import type { Pool } from '../engines/pool.ts'

/** What is looked at before there is a connection. */
export interface Setup {
  readonly config: Config
  readonly target: Target
}

/** What is looked at through a connection. */
export interface Subject extends Setup {
  readonly pool: Pool
}
