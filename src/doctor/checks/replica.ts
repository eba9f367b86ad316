import { parseReplicaUrl } from '../../engines/database-url.ts'
import { type Finding, failure, ok, skipped, time, warning } from '../../engines/finding.ts'
import { StorageError } from '../../errors.ts'
import type { Subject } from '../subject.ts'

/** A replica that is this far behind hides what was written a moment ago, in milliseconds. */
const toleratedMs = 10_000

/** Whether the replica answers, is one, and keeps up. Its loss stops nothing: reads go to the primary. */
export async function checkReplica({ config, pool: main }: Subject): Promise<Finding> {
  if (config.replicaUrl === undefined) return skipped('none is configured')
  if (!main.diagnostics.replication) return skipped(`${main.productName} has none here`)
  const target = parseReplicaUrl(config.replicaUrl)
  const pool = await target.open({ ...config, replicaUrl: undefined })
  try {
    const { isReplica = false, behindMs = 0 } = (await pool.diagnostics.replication?.()) ?? {}
    if (!isReplica) return warning(`${target.location} is no replica`, 'Check the URL of the replica.')
    const message = `${target.location} answers, ${time(behindMs)} behind`
    return behindMs <= toleratedMs ? ok(message) : warning(message, 'Find out why it does not keep up.')
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return { ...failure(error, 'ask the replica'), status: 'warning' }
  } finally {
    await pool.close()
  }
}
