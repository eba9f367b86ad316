import { ConfigError } from '../../errors.ts'
import { withoutUndefined } from '../../without-undefined.ts'
import type { RetryOptions } from '../connect-retry.ts'
import type { TlsOptions } from '../tls.ts'
import type { PostgresAddress } from './url.ts'

/** Options of a PostgreSQL pool. */
export interface PostgresPoolOptions {
  /** Connections that this pool may open, reads and writes together; at least 2. @default 10 */
  maxConnections?: number | undefined
  /** Connections that are kept open when nobody uses them, once there was a first one. @default 5, at most maxConnections */
  minConnections?: number | undefined
  /** How long a connection may take to open, in milliseconds. @default 10000 */
  connectTimeoutMs?: number | undefined
  /** How long a connection may stay unused before it is closed, in milliseconds. @default 300000 */
  idleTimeoutMs?: number | undefined
  /** How long a connection is used before it is replaced, in milliseconds. @default 1800000 */
  maxLifetimeMs?: number | undefined
  /**
   * How long one statement may run, in milliseconds. The server stops it then; where the server does not even do
   * that, the call fails two seconds later and its connection is given up. @default 30000
   */
  statementTimeoutMs?: number | undefined
  /** How the sessions call themselves in `pg_stat_activity`. @default 'tracehold' */
  applicationName?: string | undefined
  /** How connections are encrypted; what the URL says about it is the default. */
  tls?: TlsOptions | undefined
  /** How often and after which waits a server that refuses, starts or restarts is tried again. */
  retry?: RetryOptions | undefined
  /**
   * A copy of the database that takes the reads, as `postgres://…`. While it is lost the primary takes them, and also
   * after a write of this pool, until the copy has it: only what other processes wrote may be seen a moment later. It
   * has connections of its own, as many as the primary has for reads.
   */
  replicaUrl?: string | undefined
}

export const postgresPoolDefaults = {
  maxConnections: 10,
  minConnections: 5,
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
  maxLifetimeMs: 1_800_000,
  statementTimeoutMs: 30_000,
  applicationName: 'tracehold',
} as const satisfies Required<Omit<PostgresPoolOptions, 'tls' | 'retry' | 'replicaUrl'>>

/** Every option that has a default, with its value. */
export type PostgresSettings = { [K in keyof typeof postgresPoolDefaults]: NonNullable<PostgresPoolOptions[K]> }

/**
 * The options given, what the URL says where none is, and the defaults.
 *
 * @throws ConfigError for a number that is out of range
 */
export function postgresSettings(address: PostgresAddress, options: PostgresPoolOptions): PostgresSettings {
  const { applicationName, connectTimeoutMs, statementTimeoutMs } = address
  const known = withoutUndefined({
    ...withoutUndefined({ applicationName, connectTimeoutMs, statementTimeoutMs }),
    ...withoutUndefined(options),
  })
  const { tls, retry, replicaUrl, ...chosen } = known
  const settings: PostgresSettings = { ...postgresPoolDefaults, ...chosen }
  const { maxConnections } = settings
  const minConnections = options.minConnections ?? Math.min(settings.minConnections, maxConnections)
  if (!Number.isInteger(maxConnections) || maxConnections < 2) {
    throw new ConfigError('maxConnections must be an integer, at least 2: one connection reads and one writes.')
  }
  if (!Number.isInteger(minConnections) || minConnections < 0 || minConnections > maxConnections) {
    throw new ConfigError('minConnections must be an integer, at least 0 and at most maxConnections.')
  }
  if (!Number.isInteger(settings.statementTimeoutMs) || settings.statementTimeoutMs < 1) {
    throw new ConfigError(
      'statementTimeoutMs must be an integer, at least 1: a call without an end blocks its connection.',
    )
  }
  return { ...settings, minConnections }
}
