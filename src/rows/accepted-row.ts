import { getTableColumns } from 'drizzle-orm'
import { getTableConfig } from 'drizzle-orm/pg-core'
import { enumValuesOf } from '../../schema/kit/enum-values.ts'
import { postgresTables } from '../../schema/postgres-tables.ts'
import type { Tables } from '../../schema/tables.ts'

/** A kind of record, by the name of its table. */
export type Entity = keyof Tables

/** The kinds of record that tracehold stores, one table each, in the order in which they are copied. */
export const entities = Object.keys(postgresTables) as readonly Entity[]

/** Makes something for every entity, once. */
export const forEachEntity = <T>(make: (entity: Entity) => T): Readonly<Record<Entity, T>> =>
  // `Object.fromEntries` forgets the names.
  Object.fromEntries(entities.map((entity) => [entity, make(entity)])) as Record<Entity, T>

/** What a column holds, whatever the engine calls it. */
export type ColumnType = 'text' | 'int' | 'bigint' | 'real' | 'bool' | 'timestamp' | 'json'

/**
 * A value as it waits for its batch: numbers as numbers, instants in microseconds since 1970, JSON as text. Every sink
 * encodes from this form, so a document is turned into text once.
 */
export type Value = string | number | boolean | null

/** A checked row: its values in the order of the table's columns, and what it costs to keep. */
export interface AcceptedRow {
  readonly values: Value[]
  /** Estimated bytes of heap. */
  readonly bytes: number
}

/** A column of a table, as writers and sinks see it. */
export interface ColumnSpec {
  /** The property of a record. */
  readonly key: string
  /** The column in the database. */
  readonly name: string
  readonly type: ColumnType
  readonly notNull: boolean
  readonly primaryKey: boolean
  /** The values that it takes, where these are a closed vocabulary. */
  readonly values: readonly string[] | undefined
}

/** What counts of a span's usage, by column; each in the order of the measures. */
export const shareColumns = [
  'inputShare',
  'outputShare',
  'totalShare',
  'cacheReadShare',
  'cacheCreationShare',
  'reasoningShare',
  'costShare',
  'callShare',
] as const

/** Columns of rows that follow from others: no record has them, and no copy carries them. The sinks set them. */
const countedColumns: Partial<Record<Entity, readonly string[]>> = {
  spans: [...shareColumns, 'usageBelow'],
  traces: ['derived'],
}

/** Columns that no record has: the sink and the engine set them. */
const unwritten: ReadonlySet<string> = new Set([
  'commitSeq',
  'rowNumber',
  ...Object.values(countedColumns).flatMap((columns) => columns ?? []),
])

const typesByPostgresName: Record<string, ColumnType> = {
  'text COLLATE "C"': 'text',
  integer: 'int',
  bigint: 'bigint',
  'double precision': 'real',
  boolean: 'bool',
  'timestamp with time zone': 'timestamp',
  jsonb: 'json',
}

function specsOf(entity: Entity, isWritten: (key: string) => boolean): readonly ColumnSpec[] {
  const table = postgresTables[entity]
  const primary = getTableConfig(table).primaryKeys.flatMap((key) => key.columns.map((column) => column.name))
  const written = Object.entries(getTableColumns(table)).filter(([key]) => isWritten(key))
  return written.map(([key, column]) => {
    const type = typesByPostgresName[column.getSQLType()]
    if (!type) throw new Error(`${entity}.${key} has a type that writers do not know: ${column.getSQLType()}`)
    const { name, notNull } = column
    return { key, name, type, notNull, primaryKey: primary.includes(name), values: enumValuesOf(column) }
  })
}

/** The columns of every entity's table that a row brings, in order. */
export const columnSpecs = forEachEntity((entity) => specsOf(entity, (key) => !unwritten.has(key)))

/** The columns that the sink adds to the values of a row, in order and behind them. */
export const countedSpecs = forEachEntity((entity) =>
  specsOf(entity, (key) => countedColumns[entity]?.includes(key) ?? false),
)

/** All columns that a sink writes: those of the row, and those that follow from others. */
export const storedSpecs = forEachEntity((entity) => [...columnSpecs[entity], ...countedSpecs[entity]])

/** The index of a column among an entity's values. */
export function columnIndex(entity: Entity, key: string): number {
  const index = columnSpecs[entity].findIndex((spec) => spec.key === key)
  if (index < 0) throw new Error(`${entity} has no column ${key}`)
  return index
}

/** The index of a row's project, with which every table begins. */
export const projectIndex = columnIndex('traces', 'projectId')
/** The index of a row's stamp. */
export const stampIndexes = forEachEntity((entity) => columnIndex(entity, 'writtenAt'))

const keyIndexes = forEachEntity((entity) =>
  columnSpecs[entity].flatMap(({ primaryKey, key }, index) => (primaryKey && key !== 'projectId' ? [index] : [])),
)

/** A row's key within its project, as one text. */
export function keyOf(entity: Entity, row: AcceptedRow): string {
  let key = ''
  for (const index of keyIndexes[entity]) key += `${row.values[index]}\0`
  return key
}

/** The first part of a row's key: its trace, where it has one. */
export const leadingKeyOf = (entity: Entity, row: AcceptedRow): string =>
  row.values[keyIndexes[entity][0] as number] as string

/** When a row was accepted, in microseconds since 1970. */
export const stampOf = (entity: Entity, row: AcceptedRow): number => row.values[stampIndexes[entity]] as number

const namedTraces: Partial<Record<Entity, number>> = {
  results: columnIndex('results', 'traceId'),
  logs: columnIndex('logs', 'traceId'),
}

/** The trace that a result or a log names; null of others, and where it names none. */
export function namedTraceOf(entity: Entity, row: AcceptedRow): string | null {
  const index = namedTraces[entity]
  return index === undefined ? null : (row.values[index] as string | null)
}
