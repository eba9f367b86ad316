import { and, asc, type Column, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { getTableConfig, type PgColumn } from 'drizzle-orm/pg-core'
import { events, logs, metricPoints, metrics, results, spans, traces } from '../../schema/postgres.ts'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { storageError } from '../errors.ts'
import type { Pool } from '../pool/pool.ts'
import { type AcceptedRow, type ColumnSpec, columnSpecs, type Entity, type Value } from '../writers/accepted-row.ts'

/** The values of a row's key, in the order of the primary key; instants in microseconds. */
export type RowKey = readonly Value[]

const tables = { traces, spans, events, results, metrics, metricPoints, logs } satisfies Record<Entity, unknown>

/** Bytes of rows that are read at once. */
const batchBytes = 1024 * 1024
const mostRows = 1_000
const fewestRows = 10

const order = (entity: Entity): readonly ColumnSpec[] => {
  const [key] = getTableConfig(tables[entity]).primaryKeys
  const names = key?.columns.map(({ name }) => name) ?? []
  return names.map((name) => columnSpecs[entity].find((spec) => spec.name === name) as ColumnSpec)
}

/** Makes the key of a row from its values. */
export function rowKeyOf(entity: Entity): (row: AcceptedRow) => RowKey {
  const indexes = order(entity).map((spec) => columnSpecs[entity].indexOf(spec))
  return ({ values }) => indexes.map((index) => values[index] ?? null)
}

/** The order of keys on every engine: texts by their bytes. */
export function compareKeys(a: RowKey, b: RowKey): number {
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i], b[i]]
    const sign = typeof x === 'string' ? Buffer.compare(Buffer.from(x), Buffer.from(String(y))) : Number(x) - Number(y)
    if (sign !== 0) return sign
  }
  return 0
}

/**
 * All rows of a table in the order of the key, those of all projects or of one, in the form in which sinks take them.
 * Memory holds one batch, whose size follows that of the rows.
 */
export async function* readRows(
  pool: Pool,
  entity: Entity,
  { after, projectId }: { after?: RowKey | undefined; projectId?: string | undefined } = {},
): AsyncGenerator<AcceptedRow[], void, undefined> {
  const table = pool.tables[entity]
  const specs = columnSpecs[entity]
  const columns = getTableColumns(table) as Record<string, Column>
  const column = (key: string) => columns[key] as Column
  const selected = ({ key, type }: ColumnSpec) =>
    (type === 'json' ? asText(pool, column(key)) : column(key)) as PgColumn
  const selection = Object.fromEntries(specs.map((spec) => [spec.key, selected(spec)]))
  const keyOf = rowKeyOf(entity)
  let last = after
  let limit = 200
  for (;;) {
    const where = and(
      projectId === undefined ? undefined : eq(column('projectId'), projectId),
      beyond(entity, column, last),
    )
    const query = pool.db
      .select(selection)
      .from(table as Pool['tables']['traces'])
      .where(where)
      .orderBy(...order(entity).map(({ key }) => asc(column(key))))
      .limit(limit)
    const rows = await Promise.resolve(query).catch((error: unknown) => {
      throw storageError(error, `read rows of ${entity}`)
    })
    const read = rows.map((row) => accepted(specs, row as Record<string, unknown>))
    if (read.length > 0) yield read
    if (read.length < limit) return
    last = keyOf(read.at(-1) as AcceptedRow)
    const bytes = read.reduce((sum, row) => sum + row.bytes, 0)
    limit = Math.round(Math.min(mostRows, Math.max(fewestRows, batchBytes / (bytes / read.length))))
  }
}

/** JSON as the engine's text: parsing it would cost time, and change nothing for the better. */
const asText = ({ engine }: Pool, column: Column): SQL<string | null> =>
  engine === 'postgres' ? sql<string | null>`${column}::text` : sql<string | null>`${column}`

function beyond(entity: Entity, column: (key: string) => Column, last: RowKey | undefined): SQL | undefined {
  if (last === undefined) return undefined
  const specs = order(entity)
  const names = specs.map(({ key }) => sql`${column(key)}`)
  const values = specs.map(({ key, type }, i) => {
    const value = last[i]
    return sql`${sql.param(type === 'timestamp' ? isoFromMicros(Number(value)) : value, column(key))}`
  })
  return sql`(${sql.join(names, sql`, `)}) > (${sql.join(values, sql`, `)})`
}

function accepted(specs: readonly ColumnSpec[], row: Record<string, unknown>): AcceptedRow {
  let bytes = specs.length * 8
  const values = specs.map(({ key, type }): Value => {
    const value = row[key]
    if (value === null || value === undefined) return null
    if (typeof value === 'string') bytes += value.length
    return type === 'timestamp' ? microsFromIso(value as string) : (value as Value)
  })
  return { values, bytes }
}
