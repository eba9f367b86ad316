import { z } from 'zod'
import { cacheDefaults } from '../cache/options.ts'
import { redisDefaults } from '../redis/redis-pool.ts'
import { checkRedisUrl } from '../redis/url.ts'
import { dayMs, duration, flag, mostBytes, mostRows, settingMeta, text, whole } from './setting.ts'

/** How Redis is reached. */
export const redis = z.object({
  url: text(
    {
      description:
        'A Redis for the shared cache and for notices of writes. It is optional, and its loss is never fatal.',
      env: ['TRACEHOLD_REDIS_URL', 'REDIS_URL'],
      file: ['redis.url'],
      accepted: 'redis://USER:PASSWORD@HOST:PORT/DATABASE, or rediss://… for TLS',
      secret: 'url',
    },
    checkRedisUrl,
  ),
  timeoutMs: duration(1, 60_000, redisDefaults.timeoutMs, {
    description: 'How long Redis may take to answer.',
    env: ['REDIS_TIMEOUT_SECS', 'REDIS_TIMEOUT_MS'],
    file: ['redis.timeout_secs', 'redis.timeout_ms'],
  }),
  poolSize: whole(1, 1000, 10, {
    description: 'No effect: all commands share one connection. Its value is checked.',
    env: ['REDIS_POOL_SIZE'],
    file: ['redis.pool_size'],
  }),
  prefix: z
    .string()
    .regex(/^[\w:.-]{1,64}$/)
    .default(redisDefaults.prefix)
    .register(settingMeta, {
      description: 'The start of all keys.',
      env: ['TRACEHOLD_REDIS_PREFIX'],
      file: ['redis.prefix'],
      accepted: 'up to 64 letters, digits and : . _ -',
      kind: 'text',
    }),
})

/** How reads are cached. */
export const cache = z.object({
  enabled: flag(false, {
    description: 'Whether reads are cached.',
    env: ['TRACEHOLD_CACHE'],
    file: ['cache.enabled'],
  }),
  ttlMs: duration(1, dayMs, cacheDefaults.ttlMs, {
    description: 'How long an answer may be used.',
    env: ['TRACEHOLD_CACHE_TTL_SECS', 'TRACEHOLD_CACHE_TTL_MS'],
    file: ['cache.ttl_secs', 'cache.ttl_ms'],
  }),
  maxEntries: whole(1, mostRows, cacheDefaults.maxEntries, {
    description: 'Answers kept in the process.',
    env: ['TRACEHOLD_CACHE_MAX_ENTRIES'],
    file: ['cache.max_entries'],
  }),
  maxBytes: whole(1024, mostBytes, cacheDefaults.maxBytes, {
    description: 'Bytes of heap that they may take.',
    env: ['TRACEHOLD_CACHE_MAX_BYTES'],
    file: ['cache.max_bytes'],
  }),
  shared: flag(cacheDefaults.shared, {
    description: 'Whether answers are kept in Redis as well.',
    env: ['TRACEHOLD_CACHE_SHARED'],
    file: ['cache.shared'],
  }),
  redisWaitMs: duration(1, 60_000, cacheDefaults.redisWaitMs, {
    description: 'How long a read waits for Redis before it reads the database.',
    env: ['TRACEHOLD_CACHE_REDIS_WAIT_MS'],
    file: ['cache.redis_wait_ms'],
  }),
})
