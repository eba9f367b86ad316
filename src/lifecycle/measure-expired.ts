import { count, getTableColumns, max, min, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { storageError } from '../driver-errors/storage-error.ts'
import { compileFilter } from '../repositories/filters/compile.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import { compileRows } from '../repositories/row-reader.ts'
import type { Entity } from '../rows/accepted-row.ts'
import { expiredRows, rowsOfTraces } from './expired-rows.ts'
import type { Expired } from './retention-policy.ts'

/** Rows of a table that would be deleted. */
export interface MeasuredRows {
  readonly entity: Exclude<Entity, 'metrics'>
  readonly rows: number
  /** The time of the oldest and of the newest, in row format; null where there is none. */
  readonly oldest: string | null
  readonly newest: string | null
  /** About how many bytes they hold, by a sample of 100 of them: as text, before the engine packs it. */
  readonly bytes: number
}

const sampleRows = 100

/** What would be deleted, by table: how many rows, how old and how large. Tables without such rows are left out. */
export async function measureExpired(scope: PoolScope, { traces, rows }: Expired): Promise<MeasuredRows[]> {
  const conditions: [MeasuredRows['entity'], SQL][] = []
  if (traces.length > 0) {
    conditions.push(['traces', compileFilter(scope, 'traces', { or: traces }).where])
    for (const entity of ['spans', 'events'] as const) conditions.push([entity, rowsOfTraces(scope, entity, traces)])
  }
  for (const entity of ['results', 'logs', 'metricPoints'] as const) {
    const own = rows.filter((aged) => aged.entity === entity).map((aged) => expiredRows(scope, aged))
    const ofTraces = entity === 'metricPoints' || traces.length === 0 ? [] : [rowsOfTraces(scope, entity, traces)]
    const all = [...ofTraces, ...own]
    if (all.length > 0) conditions.push([entity, sql`(${sql.join(all, sql` or `)})`])
  }
  const measured: MeasuredRows[] = []
  for (const [entity, where] of conditions) measured.push(await measure(scope, entity, where))
  return measured.filter((table) => table.rows > 0)
}

async function measure({ pool }: PoolScope, entity: MeasuredRows['entity'], where: SQL): Promise<MeasuredRows> {
  const table = pool.tables[entity] as unknown as PgTable
  const columns: Readonly<Record<string, PgColumn>> = getTableColumns(table)
  const time = (columns.startTime && entity !== 'metricPoints' ? columns.startTime : columns.time) as PgColumn
  try {
    const [found] = await pool.db
      .select({ rows: count(), oldest: min(time), newest: max(time) })
      .from(table)
      .where(where)
    const rows = found?.rows ?? 0
    const sample =
      rows === 0
        ? []
        : await compileRows(pool, pool.db.select(columns).from(table).where(where).limit(sampleRows), columns)()
    const sampled = sample.reduce((bytes, row) => bytes + Buffer.byteLength(JSON.stringify(Object.values(row))), 0)
    const bytes = sample.length === 0 ? 0 : Math.round((sampled / sample.length) * rows)
    return { entity, rows, oldest: textOf(found?.oldest), newest: textOf(found?.newest), bytes }
  } catch (error) {
    throw storageError(error, `count what is old among ${entity}`)
  }
}

const textOf = (time: unknown): string | null => (typeof time === 'string' ? time : null)
