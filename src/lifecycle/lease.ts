import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { isoFromMicros } from '../../schema/time.ts'
import type { Pool } from '../engines/pool.ts'
import { BusyError } from '../errors.ts'

/** How long a lease holds unless it is taken anew, in milliseconds; it is, three times as often. */
const leaseMs = 30_000

/** Whose database is meant. */
interface Scope {
  readonly pool: Pool
  readonly projectId: string
}

/**
 * Does what one process at a time may do in a project. Where the process that does it has died on this machine, its
 * lease is taken over at once; on another machine when its time has passed, half a minute after it died.
 *
 * @param work gets a signal that aborts when the lease is lost, or when the caller's own does
 * @throws BusyError while another process does it
 */
export async function withLease<T>(
  { pool, projectId }: Scope,
  name: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const holder = `${hostname()} ${process.pid} ${randomUUID()}`
  const take = async (): Promise<void> => {
    const now = Date.now() * 1000
    const lease = { holder, expiresAt: now + leaseMs * 1000 }
    let found = await pool.leases.take(projectId, name, lease, now)
    if (found.holder !== holder && isDead(found.holder)) {
      found = await pool.leases.take(projectId, name, lease, now, found.holder)
    }
    if (found.holder !== holder) throw busy(name, found.holder, found.expiresAt)
  }
  await take()
  const lost = new AbortController()
  const renewal = setInterval(() => void take().catch((error: unknown) => lost.abort(error)), leaseMs / 3).unref()
  try {
    return await work(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal)
  } finally {
    clearInterval(renewal)
    // It expires by itself where the database is away.
    await pool.leases.release(projectId, name, holder).catch(() => undefined)
  }
}

/** Whether a holder was a process of this machine that is no more. */
function isDead(holder: string): boolean {
  const [host, pid] = holder.split(' ')
  if (host !== hostname() || Number(pid) === process.pid) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

function busy(name: string, holder: string, expiresAt: number): BusyError {
  const [host, pid] = holder.split(' ')
  return new BusyError(
    `Another process does this now: ${name}, process ${pid} on ${host}. If it has died, others may begin at ` +
      `${isoFromMicros(expiresAt).slice(0, 19)}Z.`,
  )
}
