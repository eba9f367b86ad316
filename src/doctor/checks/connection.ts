import { existsSync } from 'node:fs'
import { connectRetry } from '../../engines/connect-retry.ts'
import { type Finding, failure, ok, time, warning } from '../../engines/finding.ts'
import type { Pool } from '../../engines/pool.ts'
import type { Setup } from '../subject.ts'

/** The pool, where the database answers. */
export interface ConnectionAnswer {
  readonly finding: Finding
  readonly pool?: Pool
}

/** Connects to the database, the primary where there is a replica, as often as the configuration says. */
export async function connect({ config, target }: Setup): Promise<ConnectionAnswer> {
  if (target.path !== undefined && !existsSync(target.path)) {
    const finding = warning('the database is not there yet', 'The first import makes it: tracehold import FILE')
    return { finding: { ...finding, blocks: true } }
  }
  // Each try is counted here, so the pool makes one.
  const pool = await target.open({ ...config, replicaUrl: undefined, retry: { maxAttempts: 1 } })
  let tries = 0
  try {
    await connectRetry(config.retry).execute(async ({ attempt }) => {
      tries = attempt + 1
      await pool.rows('select 1', [])
    })
  } catch (error) {
    await pool.close()
    const finding = failure(error, `connect to ${target.location}`)
    return { finding: { ...finding, message: `${finding.message}${tries > 1 ? ` (${tries} tries)` : ''}` } }
  }
  const { latencyMs } = await pool.health()
  const after = tries > 1 ? `, at try ${tries}` : ''
  return { finding: ok(`${pool.productName} answers in ${time(latencyMs)}${after}`), pool }
}
