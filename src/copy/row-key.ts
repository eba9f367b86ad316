import { getTableConfig } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { postgresTables } from '../../schema/postgres-tables.ts'
import type { Pool } from '../engines/pool.ts'
import { type AcceptedRow, type ColumnSpec, columnSpecs, type Entity, type Value } from '../rows/accepted-row.ts'
import { compareUtf8 } from '../text/compare-utf8.ts'

/**
 * What tells a row from all others, and says where it stands in their order: the values of the primary key, and of a row
 * of ClickHouse what tells it from others of its key. Instants are in microseconds.
 */
export type RowKey = readonly Value[]

/** A row's key, as it is kept in a file. */
export const rowKeySchema: z.ZodType<RowKey> = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** ClickHouse keeps a row of a key for each hour, and of a point for each metric. */
const repeatedBy: Partial<Record<Entity, readonly string[]>> = {
  spans: ['startTime'],
  events: ['time'],
  metricPoints: ['metricName', 'time'],
  logs: ['time'],
}

/** The columns of a row's key, in their order. */
export function keyColumns(entity: Entity, engine: Pool['engine']): readonly ColumnSpec[] {
  const specs = columnSpecs[entity]
  const [primary] = getTableConfig(postgresTables[entity]).primaryKeys
  const names = primary?.columns.map(({ name }) => name) ?? []
  const key = names.map((name) => specs.find((spec) => spec.name === name) as ColumnSpec)
  const repeated = engine === 'clickhouse' ? (repeatedBy[entity] ?? []) : []
  return [...key, ...repeated.map((name) => specs.find((spec) => spec.key === name) as ColumnSpec)]
}

/** Makes the key of a row from its values. */
export function rowKeyOf(entity: Entity, engine: Pool['engine']): (row: AcceptedRow) => RowKey {
  const indexes = keyColumns(entity, engine).map((spec) => columnSpecs[entity].indexOf(spec))
  return ({ values }) => indexes.map((index) => values[index] ?? null)
}

/** The order of keys on every engine: texts by their bytes. */
export function compareKeys(a: RowKey, b: RowKey): number {
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i], b[i]]
    const sign = typeof x === 'string' ? compareUtf8(x, String(y)) : Number(x) - Number(y)
    if (sign !== 0) return sign
  }
  return 0
}
