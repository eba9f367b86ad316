import { z } from 'zod'
import { parseDatabaseUrl, parseReplicaUrl, poolDefaults as pool } from '../engines/database-url.ts'
import { maxIdLength } from '../rows/limits.ts'
import { acceptedProjectName, isProjectName } from '../rows/project-name.ts'
import { cache, redis } from './redis-settings.ts'
import { retention } from './retention-settings.ts'
import { serve } from './serve-settings.ts'
import { retry, server, tls } from './server-settings.ts'
import { dayMs, duration, flag, hourMs, oneOf, settingMeta, text, whole } from './setting.ts'
import { writers } from './writer-settings.ts'

/** The default database. */
export const defaultUrl = 'sqlite:.tracehold/traces.db'

/** A length of time of the pool, with the names that earlier systems have for it. */
const time = (name: string, key: string, max: number, fallback: number, description: string) =>
  duration(1, max, fallback, {
    description,
    env: [`DB_${name}_SECS`, `DB_${name}_MS`, `DB_POOL_${name}_SECS`, `DB_${name}`, `DB_POOL_${name}`],
    file: [`pool.${key}_secs`, `pool.${key}_ms`, `pool.${key}`],
  })

const databaseUrls = 'sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, clickhouse://… or chdb:PATH'

/**
 * All settings: types, limits, defaults, and their names in the environment and in files. The reference in
 * docs/configuration.md, `.env.example` and `tracehold config print` are made from it.
 */
export const configSchema = z.object({
  url: text(
    {
      description: 'The database. DB_HOST and the names below it are another way to name it.',
      env: ['TRACEHOLD_URL', 'DATABASE_URL'],
      file: ['url', 'database_url'],
      accepted: databaseUrls,
      secret: 'url',
      defaultText: defaultUrl,
    },
    parseDatabaseUrl,
  ),
  server,
  tls,
  replicaUrl: text(
    {
      description: 'A replica of the PostgreSQL database, which takes the reads.',
      env: ['TRACEHOLD_REPLICA_URL', 'DATABASE_REPLICA_URL', 'DB_REPLICA_URL'],
      file: ['replica_url', 'postgres.replica_url'],
      accepted: 'postgres://USER:PASSWORD@HOST:PORT/DATABASE',
      secret: 'url',
    },
    parseReplicaUrl,
  ),
  applicationName: z
    .string()
    .regex(/^[\x20-\x7e]{1,63}$/)
    .default(pool.applicationName)
    .register(settingMeta, {
      description: 'The name of the sessions on the server.',
      env: ['DB_APP_NAME', 'DB_APPLICATION_NAME'],
      file: ['postgres.application_name', 'postgres.app_name'],
      accepted: '1 to 63 printable ASCII characters',
      kind: 'text',
    }),
  maxConnections: whole(2, 10_000, pool.maxConnections, {
    description: 'Connections that a pool may open, reads and writes together.',
    env: ['DB_MAX_CONNECTIONS', 'DB_POOL_MAX_CONNECTIONS', 'DB_POOL_MAX'],
    file: ['pool.max_connections', 'pool.max'],
  }),
  minConnections: whole(0, 10_000, pool.minConnections, {
    description: 'Connections that stay open while unused, after the first one was opened.',
    env: ['DB_MIN_CONNECTIONS', 'DB_POOL_MIN_CONNECTIONS', 'DB_POOL_MIN'],
    file: ['pool.min_connections', 'pool.min'],
    defaultText: '5, at most DB_MAX_CONNECTIONS',
  }),
  connectTimeoutMs: time(
    'CONNECT_TIMEOUT',
    'connect_timeout',
    hourMs,
    pool.connectTimeoutMs,
    'How long connecting may take.',
  ),
  idleTimeoutMs: time(
    'IDLE_TIMEOUT',
    'idle_timeout',
    dayMs,
    pool.idleTimeoutMs,
    'How long an unused connection stays open.',
  ),
  maxLifetimeMs: time(
    'MAX_LIFETIME',
    'max_lifetime',
    7 * dayMs,
    pool.maxLifetimeMs,
    'How long a connection is used before it is replaced.',
  ),
  statementTimeoutMs: time(
    'STATEMENT_TIMEOUT',
    'statement_timeout',
    dayMs,
    pool.statementTimeoutMs,
    'How long one statement may run.',
  ),
  retry,
  busyTimeoutMs: duration(0, dayMs, pool.busyTimeoutMs, {
    description: 'How long a write to SQLite waits for a transaction of another process.',
    env: ['TRACEHOLD_SQLITE_BUSY_TIMEOUT_MS'],
    file: ['sqlite.busy_timeout_ms'],
  }),
  synchronous: oneOf(['normal', 'full'], pool.synchronous, {
    description: 'What a commit to SQLite waits for; full also survives a power cut.',
    env: ['TRACEHOLD_SQLITE_SYNCHRONOUS'],
    file: ['sqlite.synchronous'],
  }),
  readThreads: whole(0, 64, pool.readThreads, {
    description: 'Threads for reads of SQLite that may be long; without them such a read stops the event loop.',
    env: ['TRACEHOLD_SQLITE_READ_THREADS'],
    file: ['sqlite.read_threads'],
  }),
  compression: oneOf(['none', 'gzip'], pool.compression, {
    description: 'Compression of requests to ClickHouse and of its answers.',
    env: ['TRACEHOLD_CLICKHOUSE_COMPRESSION'],
    file: ['clickhouse.compression'],
  }),
  redis,
  cache,
  projectId: z
    .string()
    .min(1)
    .max(maxIdLength)
    .refine(isProjectName)
    .default('default')
    .register(settingMeta, {
      description: 'The project (tenant) that is read and written.',
      env: ['TRACEHOLD_PROJECT'],
      file: ['project', 'project_id'],
      accepted: acceptedProjectName,
      kind: 'text',
    }),
  migrate: flag(false, {
    description: "Whether opening a store brings the tables up to this version's schema.",
    env: ['TRACEHOLD_MIGRATE'],
    file: ['migrate'],
  }),
  writers,
  serve,
  retention,
  exporters: z
    .array(z.looseObject({ name: z.string().min(1) }))
    .default([])
    .register(settingMeta, {
      description: 'Exporters, each by its name and its own configuration.',
      env: [],
      file: ['exporters'],
      accepted: 'a list of { name, config }',
      kind: 'other',
      defaultText: 'none',
    }),
})
