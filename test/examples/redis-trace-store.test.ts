import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { RedisTraceStore } from '../../examples/trace-store/redis-trace-store.ts'
import { runTraceStoreConformance } from '../../src/testing/index.ts'
import { startRedis, type TestRedis } from '../servers/redis.ts'

let server: TestRedis
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
}, 180_000)

afterAll(async () => {
  await redis?.quit()
  await server?.stop()
})

runTraceStoreConformance({
  describe,
  it,
  name: 'examples/trace-store/redis-trace-store.ts',
  open() {
    const prefix = `test:${randomBytes(6).toString('hex')}`
    return {
      subject: new RedisTraceStore(redis, prefix),
      close: async () => void (await redis.del(`${prefix}:lines`, `${prefix}:times`)),
    }
  },
})
