import { getTableName } from 'drizzle-orm'
import { events, spans, traces } from '../../../../schema/postgres.ts'
import { type AcceptedRow, type ColumnSpec, columnSpecs, type Entity } from '../../accepted-row.ts'
import { columnList, onConflict } from '../upsert.ts'
import { binaryArray, binaryTypes } from './binary.ts'
import { ByteWriter } from './byte-writer.ts'

/** A statement with a name, under which the server keeps its plan. */
export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
  readonly rowMode: 'array'
}

const tables = { traces, spans, events }

/** An entity's table as the server knows it. */
export const tableName = (entity: Entity): string => `tracehold."${getTableName(tables[entity])}"`

type IndexedSpec = { readonly spec: ColumnSpec; readonly index: number }

const indexed = (entity: Entity): IndexedSpec[] => columnSpecs[entity].map((spec, index) => ({ spec, index }))
const leadingKey = (entity: Entity) => `"${keysOf(entity)[1]?.spec.name}"`
const keysOf = (entity: Entity) => indexed(entity).filter(({ spec }) => spec.primaryKey)

/** Rows as a set that a statement can select from: a column is one array parameter, in binary. */
function unnest(rows: readonly AcceptedRow[], columns: readonly IndexedSpec[], firstParameter: number) {
  const out = new ByteWriter()
  const arrays = columns.map(({ spec }, place) => `$${place + firstParameter}::${binaryTypes[spec.type].name}[]`)
  return {
    set: `unnest(${arrays.join(', ')})`,
    names: columns.map(({ spec }) => `"${spec.name}"`).join(', '),
    values: columns.map(({ spec, index }) => binaryArray(out, rows, index, spec)),
  }
}

function insert(entity: Entity, rows: readonly AcceptedRow[], name: string, conflict: string): Statement {
  const { set, values } = unnest(rows, indexed(entity), 1)
  const columns = columnList(entity)
  const text = `insert into ${tableName(entity)} (${columns}) select * from ${set} as given(${columns}) ${conflict}`
  return { name, text, values, rowMode: 'array' }
}

/** Stores rows whether their keys are there or not; answers with how many it stored. */
export const upsertRows = (entity: Entity, rows: readonly AcceptedRow[]): Statement =>
  insert(entity, rows, `tracehold_upsert_${entity}`, onConflict(entity, entity))

/** Creates traces where they are missing; answers with the ids of those that it created. */
export const createTraces = (rows: readonly AcceptedRow[]): Statement =>
  insert('traces', rows, 'tracehold_create', 'on conflict do nothing returning trace_id')

/** Locks traces in the order of their keys. */
export const lockTraces = (projectId: string, traceIds: string): Statement => ({
  name: 'tracehold_lock',
  text: `select from ${tableName('traces')} where project_id = $1 and trace_id = any($2::text[])
    order by trace_id for no key update`,
  values: [projectId, traceIds],
  rowMode: 'array',
})

/**
 * Which rows have their key stored already: the place of each (from 1), and whether what is stored is newer.
 *
 * @param leadingKeys the first parts of the rows' keys: of each, one range of the index is read
 */
export function findStored(
  entity: Entity,
  rows: readonly AcceptedRow[],
  projectId: string,
  leadingKeys: string,
): Statement {
  const stamped = indexed(entity).filter(({ spec }) => spec.primaryKey || spec.key === 'writtenAt')
  const { set, names, values } = unnest(rows, stamped, 3)
  const same = keysOf(entity).map(({ spec }) => `stored."${spec.name}" = given."${spec.name}"`)
  const text = `select place::int, stored.written_at > given.written_at
    from ${tableName(entity)} as stored join ${set} with ordinality as given(${names}, place) on ${same.join(' and ')}
    where stored.project_id = $1 and stored.${leadingKey(entity)} = any($2::text[])`
  return { name: `tracehold_find_${entity}`, text, values: [projectId, leadingKeys, ...values], rowMode: 'array' }
}

/** Deletes the stored versions of rows. */
export function deleteStored(
  entity: Entity,
  rows: readonly AcceptedRow[],
  projectId: string,
  leadingKeys: string,
): Statement {
  const keys = keysOf(entity)
  const { set, names, values } = unnest(rows, keys, 3)
  const same = keys.map(({ spec }) => `stored."${spec.name}" = given."${spec.name}"`)
  const text = `delete from ${tableName(entity)} as stored using ${set} as given(${names})
    where ${same.join(' and ')} and stored.project_id = $1 and stored.${leadingKey(entity)} = any($2::text[])`
  return { name: `tracehold_delete_${entity}`, text, values: [projectId, leadingKeys, ...values], rowMode: 'array' }
}

/** Whether the role may COPY into an entity's table: the server refuses it where row-level security binds the role. */
export const mayCopy = (entity: Entity): Statement => ({
  name: 'tracehold_may_copy',
  text: 'select not row_security_active($1)',
  values: [tableName(entity)],
  rowMode: 'array',
})

/** Whether another table refers to an entity's: it would see a row deleted that is only replaced. */
export const isReferenced = (entity: Entity): Statement => ({
  name: 'tracehold_is_referenced',
  text: "select exists (select from pg_constraint where contype = 'f' and confrelid = $1::regclass)",
  values: [tableName(entity)],
  rowMode: 'array',
})
