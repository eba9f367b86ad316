import { getTableName } from 'drizzle-orm'
import { postgresTables } from '../../../schema/postgres-tables.ts'
import { type ColumnSpec, columnSpecs, type Entity } from '../../rows/accepted-row.ts'
import { columnList, onConflict } from '../upsert.ts'
import { binaryTypes } from './binary.ts'
import { columnArrays, type EncodedRow } from './encoded-row.ts'

/** A statement; the server keeps the plan of one with a name. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
  readonly rowMode: 'array'
}

/** An entity's table as the server knows it. */
export const tableName = (entity: Entity): string => `tracehold."${getTableName(postgresTables[entity])}"`

type IndexedSpec = { readonly spec: ColumnSpec; readonly index: number }

const indexed = (entity: Entity): IndexedSpec[] => columnSpecs[entity].map((spec, index) => ({ spec, index }))
const keysOf = (entity: Entity) => indexed(entity).filter(({ spec }) => spec.primaryKey)

/** Rows as a set that a statement can select from: a column is one array parameter, in binary. */
function unnest(entity: Entity, rows: readonly EncodedRow[], columns: readonly IndexedSpec[]) {
  const arrays = columns.map(({ spec }, n) => `$${n + 1}::${binaryTypes[spec.type].name}[]`)
  const indexes = columns.map(({ index }) => index)
  return {
    set: `unnest(${arrays.join(', ')})`,
    names: columns.map(({ spec }) => `"${spec.name}"`).join(', '),
    values: columnArrays(entity, rows, indexes),
  }
}

/** Stores rows whether their keys are there or not; returns how many it stored. */
export function upsertRows(entity: Entity, rows: readonly EncodedRow[]): Statement {
  const { set, values } = unnest(entity, rows, indexed(entity))
  const columns = columnList(entity)
  const conflict = onConflict(entity, `"${getTableName(postgresTables[entity])}"`)
  const text = `insert into ${tableName(entity)} (${columns}) select * from ${set} as given(${columns}) ${conflict}`
  return { name: `tracehold_upsert_${entity}`, text, values, rowMode: 'array' }
}

// A trace that nobody wrote, before its spans are counted. Any author's stamp is higher.
const emptyColumns = columnSpecs.traces.filter(({ notNull, primaryKey }) => notNull && !primaryKey)
const emptyValues = emptyColumns.map(({ name, type }) => {
  if (name === 'status') return "'unset'"
  return type === 'timestamp' ? "timestamptz '1970-01-01 00:00:00Z'" : '0'
})
const createText = `insert into ${tableName('traces')} (project_id, trace_id, ${emptyColumns.map(({ name }) => name).join(', ')})
  select $1, given.trace_id, ${emptyValues.join(', ')} from unnest($2::text[]) as given(trace_id)
  on conflict do nothing returning trace_id`

/** Creates traces where they are missing; returns the ids of those that it created. */
export const createTraces = (projectId: string, traceIds: string): Statement => ({
  name: 'tracehold_create',
  text: createText,
  values: [projectId, traceIds],
  rowMode: 'array',
})

/** Locks traces in the order in which they are given; returns the ids of those that are stored. */
export const lockTraces = (projectId: string, traceIds: string): Statement => ({
  name: 'tracehold_lock',
  text: `select given.trace_id from unnest($2::text[]) as given(trace_id) cross join lateral (
    select from ${tableName('traces')} as stored where project_id = $1 and stored.trace_id = given.trace_id
    for no key update offset 0) as locked`,
  values: [projectId, traceIds],
  rowMode: 'array',
})

// OFFSET 0 keeps the planner from turning the loop round: each row asks the index for its own key.
const storedRows = (entity: Entity, columns: string) => `cross join lateral (
  select ${columns} from ${tableName(entity)} as stored
  where ${keysOf(entity)
    .map(({ spec }) => `stored."${spec.name}" = given."${spec.name}"`)
    .join(' and ')}
  offset 0) as stored`

/** Which rows have their key stored already: the number of each (from 1), and whether what is stored is newer. */
export function findStored(entity: Entity, rows: readonly EncodedRow[]): Statement {
  const stamped = indexed(entity).filter(({ spec }) => spec.primaryKey || spec.key === 'writtenAt')
  const { set, names, values } = unnest(entity, rows, stamped)
  const text = `select number::int, stored.written_at > given.written_at
    from ${set} with ordinality as given(${names}, number) ${storedRows(entity, 'written_at')}`
  // Without a name: a plan that was made while the table was small would go on taking whichever index came first then.
  return { text, values, rowMode: 'array' }
}

/** Deletes the stored versions of rows. */
export function deleteStored(entity: Entity, rows: readonly EncodedRow[]): Statement {
  const { set, names, values } = unnest(entity, rows, keysOf(entity))
  const text = `delete from ${tableName(entity)} where ctid = any(array(
    select stored.ctid from ${set} as given(${names}) ${storedRows(entity, 'ctid')}))`
  return { text, values, rowMode: 'array' }
}

/** Whether the role may COPY into an entity's table: the server refuses it where row-level security binds the role. */
export const mayCopy = (entity: Entity): Statement => ({
  name: 'tracehold_may_copy',
  text: 'select not row_security_active($1)',
  values: [tableName(entity)],
  rowMode: 'array',
})

/**
 * Whether a stored row may be deleted to be replaced: the role needs the right, and where another table refers to the
 * entity's it would see the row go.
 */
export const mayDelete = (entity: Entity): Statement => ({
  name: 'tracehold_may_delete',
  text: `select has_table_privilege($1, 'delete')
    and not exists (select from pg_constraint where contype = 'f' and confrelid = $1::regclass)`,
  values: [tableName(entity)],
  rowMode: 'array',
})
