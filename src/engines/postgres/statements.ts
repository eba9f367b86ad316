import { getTableName, type SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { postgresTables } from '../../../schema/postgres-tables.ts'
import { type ColumnSpec, type Entity, forEachEntity, storedSpecs } from '../../rows/accepted-row.ts'
import { contentKeys } from '../../rows/authored.ts'
import { membersOfTraces } from '../deleted-rows.ts'
import { followingNames, type StoredTexts } from '../fold-rows.ts'
import { onConflict } from '../upsert.ts'
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

/** Some columns of rows as a set that a statement can select from: each column is one array parameter, in binary. */
interface Given {
  readonly set: string
  readonly names: string
  readonly arrays: readonly string[]
  /** The parameters. */
  values(rows: readonly EncodedRow[]): unknown[]
}

/** Sets of one kind of rows, each with the columns that are asked for: their texts are made once. */
const givenOf = (isTaken: (spec: ColumnSpec) => boolean): Readonly<Record<Entity, Given>> =>
  forEachEntity((entity) => {
    const specs = storedSpecs[entity].map((spec, index) => ({ spec, index })).filter(({ spec }) => isTaken(spec))
    const arrays = specs.map(({ spec }, n) => `$${n + 1}::${binaryTypes[spec.type].name}[]`)
    const indexes = specs.map(({ index }) => index)
    return {
      set: `unnest(${arrays.join(', ')})`,
      names: specs.map(({ spec }) => `"${spec.name}"`).join(', '),
      arrays,
      values: (rows) => columnArrays(entity, rows, indexes),
    }
  })

const whole = givenOf(() => true)
const keys = givenOf(({ primaryKey }) => primaryKey)
const stamped = givenOf(({ primaryKey, key }) => primaryKey || key === 'writtenAt')

/** Stores rows whether their keys are there or not; returns how many it stored. */
export function upsertRows(entity: Exclude<Entity, 'traces'>, rows: readonly EncodedRow[]): Statement {
  const { set, names, values } = whole[entity]
  const conflict = onConflict(entity, `"${getTableName(postgresTables[entity])}"`)
  const text = `insert into ${tableName(entity)} (${names}) select * from ${set} as given(${names}) ${conflict}`
  return { name: `tracehold_upsert_${entity}`, text, values: values(rows), rowMode: 'array' }
}

const insertTraces = `insert into ${tableName('traces')} (${whole.traces.names})
  select * from ${whole.traces.set} as given(${whole.traces.names})`
const createTracesText = `${insertTraces} on conflict do nothing returning trace_id`

/** Creates traces where they are missing; returns the ids of those that it created. */
export const createTraces = (rows: readonly EncodedRow[]): Statement => ({
  name: 'tracehold_create',
  text: createTracesText,
  values: whole.traces.values(rows),
  rowMode: 'array',
})

const micros = (column: string) => `(extract(epoch from ${column}) * 1000000)::float8`
const stateColumns = `derived, authored::text, authored_stamps::text, ${micros('written_at')}, span_count`

/** What is read of a trace before it is brought up to date. */
export type StateRow = [traceId: string, ...texts: StoredTexts]

// OFFSET 0 keeps the planner from turning the loop round: each row asks the index for its own key.
const storedTraces = (lock: string) => `select given.trace_id, ${stateColumns}
  from unnest($2::text[]) as given(trace_id) cross join lateral (
    select * from ${tableName('traces')} as stored where project_id = $1 and stored.trace_id = given.trace_id
    ${lock} offset 0) as stored`

/** Locks traces in the order in which they are given; returns those that are stored, as they are then. */
export const lockTraces = (projectId: string, traceIds: string): Statement => ({
  name: 'tracehold_lock',
  text: storedTraces('for no key update'),
  values: [projectId, traceIds],
  rowMode: 'array',
})

/** Reads traces that are locked. */
export const readTraces = (projectId: string, traceIds: string): Statement => ({
  name: 'tracehold_read',
  text: storedTraces(''),
  values: [projectId, traceIds],
  rowMode: 'array',
})

// The rows exist: the insert is always an update, which could not be kept in order.
const followingSet = [
  ...followingNames.map((name) => `"${name}" = excluded."${name}"`),
  'commit_seq = excluded.commit_seq',
]

const updateTracesText = `${insertTraces} on conflict (project_id, trace_id) do update set ${followingSet.join(', ')}`

/** Brings what follows in the rows of traces up to date. */
export const updateTraces = (rows: readonly EncodedRow[]): Statement => ({
  name: 'tracehold_update',
  text: updateTracesText,
  values: whole.traces.values(rows),
  rowMode: 'array',
})

const nameOf = (key: string) => storedSpecs.traces.find((spec) => spec.key === key)?.name ?? ''
const authoredSet = [
  ...[...followingNames, ...['authored', 'authoredStamps', 'writtenAt'].map(nameOf)].map(
    (name) => `"${name}" = given."${name}"`,
  ),
  ...contentKeys.map(
    (key, n) =>
      `"${nameOf(key)}" = case when given.kept & ${1 << n} = 0 then given."${nameOf(key)}" else stored."${nameOf(key)}" end`,
  ),
  'commit_seq = pg_current_xact_id()',
]

const storedRows = (entity: Entity, columns: string, name = 'stored') => `cross join lateral (
  select ${columns} from ${tableName(entity)} as stored
  where ${storedSpecs[entity]
    .filter(({ primaryKey }) => primaryKey)
    .map((spec) => `stored."${spec.name}" = given."${spec.name}"`)
    .join(' and ')}
  offset 0) as ${name}`

const updateAuthoredText = `update ${tableName('traces')} as stored set ${authoredSet.join(', ')}
  from (select given.*, found.row_id
    from unnest(${whole.traces.arrays.join(', ')}, $${whole.traces.arrays.length + 1}::int[]) as given(${whole.traces.names}, kept)
    ${storedRows('traces', 'ctid as row_id', 'found')}) as given
  where stored.ctid = given.row_id`

/**
 * Brings traces that are locked up to date with what their authors say.
 *
 * @param kept of each row, a bit for every content column that stays as it is stored
 */
export const updateAuthored = (rows: readonly EncodedRow[], kept: readonly number[]): Statement => ({
  name: 'tracehold_update_authored',
  text: updateAuthoredText,
  values: [...whole.traces.values(rows), kept],
  rowMode: 'array',
})

/** Which rows have their key stored already: the number of each (from 1), and whether what is stored is newer. */
export function findStored(entity: Entity, rows: readonly EncodedRow[]): Statement {
  const { set, names, values } = stamped[entity]
  const text = `select number::int, stored.written_at > given.written_at
    from ${set} with ordinality as given(${names}, number) ${storedRows(entity, 'written_at')}`
  // Without a name: a plan that was made while the table was small would go on taking whichever index came first then.
  return { text, values: values(rows), rowMode: 'array' }
}

/** Deletes the stored versions of rows. */
export function deleteStored(entity: Entity, rows: readonly EncodedRow[]): Statement {
  const { set, names, values } = keys[entity]
  const text = `delete from ${tableName(entity)} where ctid = any(array(
    select stored.ctid from ${set} as given(${names}) ${storedRows(entity, 'ctid')}))`
  return { text, values: values(rows), rowMode: 'array' }
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

const dialect = new PgDialect()

/** Deletes as many rows that fit a condition as are asked for, but for those that somebody is just writing. */
export function deleteWhere(entity: Entity, where: SQL, atMost: number): Statement {
  const table = tableName(entity)
  const { sql, params } = dialect.sqlToQuery(where)
  const text = `delete from ${table} where ctid = any(array(
    select ctid from ${table} where ${sql} limit ${Math.trunc(atMost)} for update skip locked))`
  return { text, values: params, rowMode: 'array' }
}

/**
 * Which of some traces have rows from a transaction on; rows that stand alone name them without being locked by them.
 * Parameters: project, list of ids, number.
 */
export const writtenSince: string = (['traces', ...membersOfTraces] as const)
  .map((entity) => {
    const ofTraces = 'project_id = $1 and trace_id = any($2::text[]) and trace_id is not null'
    return `select trace_id from ${tableName(entity)} where ${ofTraces} and commit_seq >= $3::xid8`
  })
  .join(' union ')

/** Deletes the rows of some traces, locked in the order in which writers lock them. Parameters: project, list of ids. */
export function deleteOfTraces(entity: 'results' | 'logs', before = ''): string {
  const table = tableName(entity)
  return `delete from ${table} where ctid = any(array(select ctid from ${table}
    where project_id = $1 and trace_id = any($2::text[]) and trace_id is not null${before} order by ${entity === 'results' ? 'result_id' : 'log_id'} for update))`
}
