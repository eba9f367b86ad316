import type { Pool } from './pool.ts'

/**
 * The pool for reads that follow what is committed, one after the other: never a replica, which may be behind the
 * server that was asked before.
 */
export const primaryOf = (pool: Pool): Pool => (pool.engine === 'postgres' ? pool.primary : pool)
