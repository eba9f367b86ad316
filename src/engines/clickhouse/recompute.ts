import { sql } from 'drizzle-orm'
import { type ColumnType, columnSpecs } from '../../rows/accepted-row.ts'
import { authoredKeys, authorFields, contentKeys } from '../../rows/authored.ts'
import { authorColumns } from '../../rows/trace-row.ts'
import type { Dialect } from '../dialect.ts'
import { clickhouseDialect } from './dialect.ts'
import { ClickHouseSqlDialect } from './sql.ts'
import { columnsOf, rootColumns, rootOrder, sumColumns, traceColumns } from './trace-columns.ts'

// Parameters, each used many times: the project and the traces.
const projectId = sql.raw('{p0:String}')
const traceIds = sql.raw('{p1:Array(String)}')
const isTouched = sql`project_id = ${projectId} and trace_id in ${traceIds}`

/** Which rows are of the touched traces: a condition with the parameters p0, the project, and p1, the traces. */
export const ofTouched: string = new ClickHouseSqlDialect().sqlToQuery(isTouched).sql

/**
 * The server's clock, and between which instants the spans of the touched traces start, in microseconds; of traces without
 * spans an interval that holds none. Whatever else a trace's key is, its spans are then found in their hours.
 */
export const versionAndBounds = `select toUnixTimestamp64Micro(now64(6)), ifNull(toUnixTimestamp64Micro(min(first_start)), 1),
  ifNull(toUnixTimestamp64Micro(max(last_start)), 0) from trace_times where ${ofTouched} settings final = 0`

const version = sql.raw('{p2:Int64}')
/** The hours in the table's key are of 32 bits and begin anew in 2106: spans after that are looked for everywhere. */
const endOfHours = 2 ** 32 * 1_000_000
const areNearby = sql.raw(
  `(start_time >= fromUnixTimestamp64Micro({p3:Int64}) and start_time <= fromUnixTimestamp64Micro({p4:Int64})
    or {p4:Int64} >= ${endOfHours})`,
)

const content = authorColumns.filter((name) => name !== 'written_at').map((name) => sql.identifier(name))

const nameOf = (key: string) => columnSpecs.traces.find((spec) => spec.key === key)?.name ?? key

/** What an author may say, and the type that it has in `authored`. */
const said = authoredKeys.map((key) => {
  const type = saidTypes(columnSpecs.traces.find((spec) => spec.key === key)?.type ?? 'text')
  return `${key} Nullable(${type})`
})

function saidTypes(type: ColumnType): string {
  if (type === 'real') return 'Float64'
  return type === 'int' || type === 'bigint' ? 'Int64' : 'String'
}

const list = (values: readonly string[]) => sql.raw(`[${values.map((value) => `'${value}'`).join(', ')}]`)
const contentValues = contentKeys.map((key) => `'${key}', ifNull("${nameOf(key)}", '')`).join(', ')
const saidOf = (field: string) => sql.raw(`latest['${field}']`)

/**
 * What authors said of the touched traces, row by row: the value of each field as text, '' where it is null, and when it
 * was said, 0 where it was not. Whoever says a trace whole says all fields.
 */
const saidRows = sql`(
          select trace_id, written_at, part, arrayJoin(arrayMap(name -> (name,
            if(mapContains(content, name), content[name], raw[name]),
            if(is_whole, toUnixTimestamp64Micro(written_at), stamps[name])), ${list(authorFields)})) as field
          from (
            select trace_id, written_at, part, authored_stamps is null as is_whole,
              CAST(JSONExtractKeysAndValuesRaw(ifNull(authored, '{}')), 'Map(String, String)') as raw,
              map(${sql.raw(contentValues)}) as content,
              JSONExtract(ifNull(authored_stamps, '{}'), 'Map(String, Int64)') as stamps
            from authored_traces final where ${isTouched}))`

/** The latest value of each field that was said of a trace. */
const saidFields = sql`(
        select trace_id, max(written_at) as last_written_at, field.1 as name, argMax(field.2, (field.3, part)) as value
        from ${saidRows} group by trace_id, name)`

/**
 * What authors said of the touched traces that have one. Their document is read once: asking it for one value after the
 * other makes a statement that takes longer to prepare than to run.
 */
const authored = sql`(
      select trace_id, written_at, null as authored_stamps, authored,
        ${sql.join(
          contentKeys.map((key) => sql`nullIf(${saidOf(key)}, '') as ${sql.identifier(nameOf(key))}`),
          sql`, `,
        )},
        JSONExtract(authored, ${sql.raw(`'Tuple(${said.join(', ')})'`)}) as said
      from (
        select trace_id, written_at, latest, '{' || arrayStringConcat(arrayMap(name -> '"' || name || '":' || latest[name],
          arrayFilter(name -> latest[name] <> '', ${list(authoredKeys)})), ',') || '}' as authored
        from (
          select trace_id, max(last_written_at) as written_at, mapFromArrays(groupArray(name), groupArray(value)) as latest
          from ${saidFields} group by trace_id)))`

/** ClickHouse's spelling, with what authors said at hand. */
const dialect: Dialect = {
  ...clickhouseDialect,
  jsonText: (_column, key) => sql<string | null>`tupleElement(t.said, ${sql.raw(`'${key}'`)})`,
}

/** The touched traces' spans: a condition with the parameters p3 and p4, the bounds, besides. */
export const ofTouchedNearby: string = new ClickHouseSqlDialect().sqlToQuery(sql`${isTouched} and ${areNearby}`).sql

const nearby = sql`from spans where ${isTouched} and ${areNearby}`
const hasParent = sql`(ifNull(s.parent_span_id, '') <> s.span_id
  and (s.trace_id, ifNull(s.parent_span_id, '')) in (select trace_id, span_id ${nearby}))`
/** Nullable each, so that a trace without spans has a root of nulls. */
const root = sql.raw(`tuple(${rootColumns.map((name) => `toNullable(s."${name}")`).join(', ')})`)

/** What the spans of each touched trace that has any say, with the columns of its root: they are read once. */
const sums = sql`(
      select s.trace_id as trace_id, ${columnsOf(sumColumns(dialect))},
        argMin(${root}, ${rootOrder(dialect, hasParent)}) as root
      from (select * ${nearby}) as s group by s.trace_id)`

const isStored = sql`i.id in (select trace_id from traces where ${isTouched})`

/**
 * The statement that works out the rows of some traces from all of their spans and from what their authors said, and
 * stores them as a version. Its parameters: p0 the project, p1 the traces, p2 the version, p3 and p4 the bounds.
 *
 * @param afterDelete whether traces may have lost all that they had: their rows, which stay, are to show that. It costs a
 *   look at the rows, which those who only add save
 */
export function refreshStatement(afterDelete = false): string {
  const columns = traceColumns(dialect, (name) => sql.raw(`tupleElement(a.root, ${rootColumns.indexOf(name) + 1})`))
  const names = [...content, ...Object.keys(columns).map((name) => sql.identifier(name))].map((name) => sql`${name}`)
  const query = sql`insert into traces (project_id, trace_id, version, written_at, ${sql.join(names, sql`, `)})
    select ${projectId}, i.id, ${version}, ifNull(t.written_at, fromUnixTimestamp64Micro(0, 'UTC')), ${sql.join(
      content.map((name) => sql`t.${name}`),
      sql`, `,
    )}, ${columnsOf(columns)}
    from (select arrayJoin(${traceIds}) as id) as i
    left join ${authored} as t on t.trace_id = i.id
    left join ${sums} as a on a.trace_id = i.id
    where t.trace_id is not null or a.trace_id is not null${afterDelete ? sql` or ${isStored}` : sql``}`
  return new ClickHouseSqlDialect().sqlToQuery(query).sql
}
