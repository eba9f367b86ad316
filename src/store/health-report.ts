import { type CheckResult, type HealthCheck, type HealthStatus, runChecks, statusOf } from '../engines/health.ts'
import type { Pool } from '../engines/pool.ts'
import type { PoolStats } from '../engines/pool-stats.ts'
import type { StoreServices } from './store-services.ts'

/** What a service answers to a probe: `response.status(report.statusCode).json(report.body)`. */
export interface HealthReport {
  /** 200 while the store can do its work, else 503. */
  readonly statusCode: 200 | 503
  readonly body: {
    readonly status: HealthStatus
    readonly checks: readonly CheckResult[]
    /** Connections, where the report is about all. */
    readonly pool?: PoolStats
  }
}

/** How a report is made. */
export interface HealthReportOptions {
  /** How long a check may take, in milliseconds; one that takes longer counts as not well. @default 2000 */
  deadlineMs?: number | undefined
}

const defaultDeadlineMs = 2_000

/** Asks everything at once and puts the answers together. */
export async function reportHealth(
  checks: readonly HealthCheck[],
  { deadlineMs = defaultDeadlineMs }: HealthReportOptions = {},
): Promise<HealthReport> {
  const results = await runChecks(checks, deadlineMs)
  const status = statusOf(results)
  return { statusCode: status === 'failed' ? 503 : 200, body: { status, checks: results } }
}

/** What the reports of a store ask: its database, what the pool and the services have beside it, and what a program adds. */
export function checksOf(pool: Pool, { redis }: StoreServices, own: readonly HealthCheck[] = []): HealthCheck[] {
  const { checks = [] } = pool
  const database = { name: pool.name, required: true, check: () => pool.health() }
  return [database, ...checks, ...(redis ? [redis] : []), ...own]
}
