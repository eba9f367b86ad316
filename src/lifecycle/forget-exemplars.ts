import { and, asc, eq, gt, gte, isNotNull, lte, min, type SQL, sql } from 'drizzle-orm'
import type { Exemplar } from '../../schema/values.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { MetricRepository } from '../repositories/metric-repository.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import type { MetricPointWriter } from '../writers/writers.ts'

const pagePoints = 500

/** Which exemplars go, and of which points. */
export interface ForgottenExemplars {
  readonly isForgotten: (exemplar: Exemplar) => boolean
  /** The time of the points, in row format. @default all */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Called for points that were written again without them. */
  readonly onRewritten?: ((pointIds: readonly string[]) => Promise<void>) | undefined
}

/** The names of all metrics that have points, each found by one step of an index. */
export async function metricNames({ pool, projectId }: PoolScope): Promise<string[]> {
  const { metricPoints } = pool.tables
  const names: string[] = []
  for (;;) {
    const beyond = names.length === 0 ? undefined : gt(metricPoints.metricName, names.at(-1) ?? '')
    const [row] = await pool.db
      .select({ name: min(metricPoints.metricName) })
      .from(metricPoints)
      .where(and(eq(metricPoints.projectId, projectId), beyond))
    if (!row?.name) return names
    names.push(row.name)
  }
}

/**
 * Takes exemplars out of the points of metrics. A point itself is of many traces, and stays.
 *
 * @param names the metrics to look at
 * @returns how many points were changed
 */
export async function forgetExemplars(
  scope: PoolScope,
  writer: MetricPointWriter,
  names: readonly string[],
  forgotten: ForgottenExemplars,
): Promise<number> {
  try {
    let changed = 0
    for (const name of names) {
      for await (const pointIds of pointsToChange(scope, name, forgotten)) {
        changed += await rewrite(scope, writer, pointIds, forgotten)
        await forgotten.onRewritten?.(pointIds)
      }
    }
    return changed
  } catch (error) {
    throw storageError(error, 'take exemplars out of points')
  }
}

async function* pointsToChange(
  { pool, projectId }: PoolScope,
  name: string,
  { isForgotten, since, until }: ForgottenExemplars,
): AsyncGenerator<string[], void, undefined> {
  const { metricPoints: points } = pool.tables
  let beyond: SQL | undefined
  for (;;) {
    const rows = await pool.db
      .select({ time: points.time, pointId: points.pointId, exemplars: points.exemplars })
      .from(points)
      .where(
        and(
          eq(points.projectId, projectId),
          eq(points.metricName, name),
          since === undefined ? undefined : gte(points.time, since),
          until === undefined ? undefined : lte(points.time, until),
          isNotNull(points.exemplars),
          beyond,
        ),
      )
      .orderBy(asc(points.time), asc(points.pointId))
      .limit(pagePoints)
    const found = rows.filter(({ exemplars }) => exemplars?.some(isForgotten))
    if (found.length > 0) yield found.map(({ pointId }) => pointId)
    const last = rows.at(-1)
    if (!last || rows.length < pagePoints) return
    beyond = sql`(${points.time}, ${points.pointId}) > (${sql.param(last.time, points.time)}, ${last.pointId})`
  }
}

async function rewrite(
  { pool, projectId }: PoolScope,
  writer: MetricPointWriter,
  pointIds: readonly string[],
  { isForgotten }: ForgottenExemplars,
): Promise<number> {
  const points = new MetricRepository(pool.primary, { projectId }).stream({ pointId: pointIds })
  let changed = 0
  for await (const point of points) {
    const kept = point.exemplars?.filter((exemplar) => !isForgotten(exemplar)) ?? []
    await writer.write({ ...point, exemplars: kept.length > 0 ? kept : null }, { ack: 'queued' })
    changed += 1
  }
  await writer.flush()
  return changed
}
