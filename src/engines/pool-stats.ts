/** Connections of a pool at one moment. */
export interface PoolStats {
  /** The budget: connections that the pool may open, reads and writes together. */
  readonly max: number
  /** Connections that are open now. */
  readonly size: number
  /** Open connections that no call holds. */
  readonly idle: number
  /** Calls that hold a connection now. */
  readonly active: number
  /** Calls that wait for a connection. */
  readonly waiting: number
  /** active / max. */
  readonly utilization: number
  /** Whether more than 80 % of the budget is in use, or a call has to wait: raise `maxConnections`, or send less at once. */
  readonly nearCapacity: boolean
  /** The connections to the replica, which are counted apart: it is another server. */
  readonly replica?: PoolStats
}

const nearCapacityAbove = 0.8

/** The figures of a pool, with what follows from them. */
export function poolStats(counts: Pick<PoolStats, 'max' | 'size' | 'active' | 'waiting' | 'replica'>): PoolStats {
  const { max, size, active, waiting, replica } = counts
  const utilization = max === 0 ? 0 : active / max
  const idle = Math.max(0, size - active)
  // Reads and writes have a share each: one of them may be full while the whole is not.
  const nearCapacity = utilization > nearCapacityAbove || waiting > 0
  const stats = { max, size, idle, active, waiting, utilization, nearCapacity }
  return replica ? { ...stats, replica } : stats
}
