import { getTableName } from 'drizzle-orm'
import { pendingUsage } from '../../../schema/postgres.ts'
import { factColumns } from '../../fold/span-facts.ts'
import { type ColumnSpec, columnSpecs, countedSpecs, type Value } from '../../rows/accepted-row.ts'
import { postgresDialect } from './dialect.ts'
import { type Statement, tableName } from './statements.ts'

const spans = tableName('spans')
const pending = `tracehold."${getTableName(pendingUsage)}"`

const specOf = (key: string) => columnSpecs.spans.find((spec) => spec.key === key) as ColumnSpec

/** A column as a number or a text, whatever its type. */
function plainColumn({ name, type }: ColumnSpec): string {
  const column = `stored."${name}"`
  if (type === 'timestamp') return `(extract(epoch from ${column}) * 1000000)::float8 as "${name}"`
  return type === 'text' ? column : `${column}::float8`
}

const factSpecs = factColumns.map(specOf)
const counted = countedSpecs.spans
const columns = [...factSpecs, ...counted].map(plainColumn).join(', ')
const noColumns = [...factSpecs.slice(1), ...counted.slice(0, -1)]
  .map(({ type }) => (type === 'text' ? 'null::text' : 'null::float8'))
  .join(', ')

const byKey = (ids: string) =>
  `project_id = $1 and stored.trace_id = ${ids}.trace_id and stored.span_id = ${ids}.span_id`

/** What a row of the look-up is: a span that was asked for, an ancestor, or what waits for a parent. */
export type Found = [what: 'span' | 'ancestor' | 'pending', traceId: string, ...values: Value[]]

/** Spans of some traces, by trace and span. */
export interface SpanKeys {
  readonly traceIds: readonly string[]
  readonly spanIds: readonly string[]
}

// OFFSET 0 keeps the planner from turning the loops round. UNION ends where a circle closes.
const lookUpText = `with recursive up(trace_id, span_id) as (
    select trace_id, span_id collate "C" from unnest($4::text[], $5::text[]) as given(trace_id, span_id)
    union
    select up.trace_id, parent.span_id from up cross join lateral (
      select stored.parent_span_id as span_id from ${spans} as stored where ${byKey('up')} offset 0) as parent
    where parent.span_id is not null)
  select 'span', given.trace_id, stored.* from unnest($2::text[], $3::text[]) as given(trace_id, span_id)
    cross join lateral (select ${columns} from ${spans} as stored where ${byKey('given')} offset 0) as stored
  union all
  select 'ancestor', up.trace_id, stored.* from up
    cross join lateral (select ${columns} from ${spans} as stored where ${byKey('up')} offset 0) as stored
  union all
  select 'pending', given.trace_id, given.span_id, ${noColumns}, stored.usage_below
    from unnest($6::text[], $7::text[]) as given(trace_id, span_id)
    cross join lateral (select usage_below from ${pending} as stored where project_id = $1
      and stored.trace_id = given.trace_id and stored.parent_span_id = given.span_id offset 0) as stored`

const list = (values: readonly string[]) => postgresDialect.list(values)

/**
 * Looks up what a change needs to know.
 *
 * @param asked spans that may be stored already
 * @param above spans whose ancestors are wanted, themselves among them
 * @param waiting parents for which something may wait
 */
export const lookUp = (projectId: string, asked: SpanKeys, above: SpanKeys, waiting: SpanKeys): Statement => ({
  name: 'tracehold_look_up',
  text: lookUpText,
  values: [
    projectId,
    list(asked.traceIds),
    list(asked.spanIds),
    list(above.traceIds),
    list(above.spanIds),
    list(waiting.traceIds),
    list(waiting.spanIds),
  ],
  rowMode: 'array',
})

/** A page of all spans of a trace, in the order of their keys. */
export const spansAfter = (projectId: string, traceId: string, after: string, limit: number): Statement => ({
  name: 'tracehold_spans_of_trace',
  text: `select ${columns} from ${spans} as stored
    where project_id = $1 and trace_id = $2 and span_id > $3 order by project_id, trace_id, span_id limit $4`,
  values: [projectId, traceId, after, limit],
  rowMode: 'array',
})

/** What counts of a stored span now. */
export interface CountedUpdate {
  readonly traceId: string
  readonly spanId: string
  /** The values of the counted columns. */
  readonly values: readonly Value[]
  /** Whether what readers see of it changes. */
  readonly isVisible: boolean
}

const casts: Partial<Record<ColumnSpec['type'], string>> = { bigint: '::bigint', int: '::int' }
const countedTypes = counted.map(({ type }) => (type === 'text' ? 'text' : 'float8'))
const givenCounted = counted.map(({ name }) => `"${name}"`).join(', ')
const setCounted = counted.map(({ name, type }) => `"${name}" = given."${name}"${casts[type] ?? ''}`)
const updateText = `update ${spans} as stored set ${setCounted.join(', ')},
    commit_seq = case when given.is_visible then pg_current_xact_id() else stored.commit_seq end
  from (select given.*, found.row_id from unnest($2::text[], $3::text[], $4::bool[],
      ${countedTypes.map((type, n) => `$${n + 5}::${type}[]`).join(', ')}) as given(trace_id, span_id, is_visible, ${givenCounted})
    cross join lateral (select stored.ctid as row_id from ${spans} as stored where ${byKey('given')} offset 0) as found) as given
  where stored.ctid = given.row_id`

/** Stores what counts of stored spans. Their stamp stays: they are the rows that they were. */
export const updateCounted = (projectId: string, updates: readonly CountedUpdate[]): Statement => ({
  name: 'tracehold_update_counted',
  text: updateText,
  values: [
    projectId,
    list(updates.map(({ traceId }) => traceId)),
    list(updates.map(({ spanId }) => spanId)),
    updates.map(({ isVisible }) => isVisible),
    ...counted.map((_, n) => updates.map(({ values }) => values[n] ?? null)),
  ],
  rowMode: 'array',
})

/** What waits for parents that are not stored; null where nothing does any more. */
export interface PendingUpdate {
  readonly traceId: string
  readonly spanId: string
  readonly usageBelow: string | null
}

/** Stores what waits for parents. */
export const writePending = (projectId: string, updates: readonly PendingUpdate[]): Statement => ({
  name: 'tracehold_write_pending',
  text: `insert into ${pending} select $1, * from unnest($2::text[], $3::text[], $4::text[])
    on conflict (project_id, trace_id, parent_span_id) do update set usage_below = excluded.usage_below`,
  values: [
    projectId,
    list(updates.map(({ traceId }) => traceId)),
    list(updates.map(({ spanId }) => spanId)),
    list(updates.map(({ usageBelow }) => usageBelow ?? '')),
  ],
  rowMode: 'array',
})

/** Whether the role may delete what waits for parents no more. */
export const mayDeletePending: Statement = {
  name: 'tracehold_may_delete_pending',
  text: 'select has_table_privilege($1, $2)',
  values: [pending, 'delete'],
  rowMode: 'array',
}

const pendingOf = `select stored.ctid from unnest($2::text[], $3::text[]) as given(trace_id, span_id)
  cross join lateral (select ctid from ${pending} as stored where project_id = $1
    and stored.trace_id = given.trace_id and stored.parent_span_id = given.span_id offset 0) as stored`

/** How rows of `pending_usage` go: where the role may not delete them, they are left empty. */
const removal = (mayDelete: boolean) =>
  mayDelete
    ? { verb: 'delete', start: `delete from ${pending}` }
    : { verb: 'empty', start: `update ${pending} set usage_below = ''` }

/** Removes what waits for parents. */
export function removePending(projectId: string, updates: readonly PendingUpdate[], mayDelete: boolean): Statement {
  const { verb, start } = removal(mayDelete)
  return {
    name: `tracehold_${verb}_pending`,
    text: `${start} where ctid = any(array(${pendingOf}))`,
    values: [projectId, list(updates.map(({ traceId }) => traceId)), list(updates.map(({ spanId }) => spanId))],
    rowMode: 'array',
  }
}

/** Removes all that waits for parents in some traces. */
export function removePendingOfTraces(projectId: string, traceIds: readonly string[], mayDelete: boolean): Statement {
  const { verb, start } = removal(mayDelete)
  return {
    name: `tracehold_${verb}_pending_of_traces`,
    text: `${start} where project_id = $1 and trace_id = any($2::text[])`,
    values: [projectId, list(traceIds)],
    rowMode: 'array',
  }
}
