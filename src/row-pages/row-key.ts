import { getTableConfig } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { postgresTables } from '../../schema/postgres-tables.ts'
import type { Capabilities } from '../engines/capabilities.ts'
import { type AcceptedRow, type ColumnSpec, columnSpecs, type Entity, type Value } from '../rows/accepted-row.ts'
import { compareUtf8 } from '../text/compare-utf8.ts'

/**
 * Identifies a row and orders it among all others: the values of the primary key, and where a key may have several rows
 * what orders those. Instants are in microseconds.
 */
export type RowKey = readonly Value[]

/** A row's key, as it is kept in a file. */
export const rowKeySchema: z.ZodType<RowKey> = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** The columns that order rows of one key, where an engine may hold several. */
export type RepeatedKeys = Capabilities['repeatedKeys']

/** The columns of a row's key, in their order. */
export function keyColumns(entity: Entity, repeatedKeys: RepeatedKeys): readonly ColumnSpec[] {
  const specs = columnSpecs[entity]
  const [primary] = getTableConfig(postgresTables[entity]).primaryKeys
  const names = primary?.columns.map(({ name }) => name) ?? []
  const key = names.map((name) => specs.find((spec) => spec.name === name) as ColumnSpec)
  const repeated = repeatedKeys?.[entity] ?? []
  return [...key, ...repeated.map((name) => specs.find((spec) => spec.key === name) as ColumnSpec)]
}

/** Makes the key of a row from its values. */
export function rowKeyOf(entity: Entity, repeatedKeys: RepeatedKeys): (row: AcceptedRow) => RowKey {
  const indexes = keyColumns(entity, repeatedKeys).map((spec) => columnSpecs[entity].indexOf(spec))
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
