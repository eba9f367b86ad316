import { existsSync } from 'node:fs'
import { connectRetry } from '../../engines/connect-retry.ts'
import { openPool } from '../../engines/open-pool.ts'
import type { Pool } from '../../engines/pool.ts'
import { engineNames, type Finding, failure, ok, time, warning } from '../finding.ts'
import type { Setup } from '../subject.ts'
import { localPath } from './disk.ts'

/** The pool, where the database answers. */
export interface ConnectionAnswer {
  readonly finding: Finding
  readonly pool?: Pool
}

/** Connects to the database, the primary where there is a replica, as often as the configuration says. */
export async function connect({ config, target, cwd }: Setup): Promise<ConnectionAnswer> {
  const path = localPath(target)
  if (path !== undefined && !existsSync(path)) {
    const finding = warning('the database is not there yet', 'The first import makes it: tracehold import FILE')
    return { finding: { ...finding, blocks: true } }
  }
  // Each try is counted here, so the pool makes one.
  const pool = await openPool({ ...config, cwd, replicaUrl: undefined, retry: { maxAttempts: 1 } })
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
  return { finding: ok(`${engineNames[pool.engine]} answers in ${time(latencyMs)}${after}`), pool }
}
