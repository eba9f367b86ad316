import { type Finding, ok, parted, skipped, time, warning } from '../../engines/finding.ts'
import { RedisPool } from '../../redis/redis-pool.ts'
import type { Setup } from '../subject.ts'

/** Whether Redis answers. Its loss is a warning: a store works without it. */
export async function checkRedis({ config: { redis } }: Setup): Promise<Finding> {
  if (redis?.url === undefined) return skipped('none is configured')
  const pool = await RedisPool.open({ ...redis, url: redis.url })
  try {
    const { ok: isWell, version = '', latencyMs, error = 'it does not answer' } = await pool.check()
    if (isWell) return ok(`Redis ${version} at ${pool.location} answers in ${time(latencyMs)}`)
    const { message, nextStep = 'Start it, or remove its URL: a store works without it.' } = parted(error)
    return warning(message, nextStep)
  } finally {
    await pool.close()
  }
}
