import { getTableName } from 'drizzle-orm'
import { clickhouseTables as tables } from '../../../schema/clickhouse.ts'
import { columnSpecs, type Entity, forEachEntity } from '../../rows/accepted-row.ts'
import { authorColumns } from '../../rows/trace-row.ts'
import { type NativeColumn, nativeColumns } from './native.ts'

/** Where the rows of an entity go, and which of their columns. */
export interface InsertTarget {
  readonly table: string
  readonly columns: readonly NativeColumn[]
}

/** Which of the rows of a trace's authors it is. It follows the values of a trace. */
export const partColumn: NativeColumn = { name: 'part', type: 'text', notNull: true, index: columnSpecs.traces.length }

const ofAuthors: ReadonlySet<string> = new Set(['project_id', 'trace_id', ...authorColumns])

/** The table and the columns of each entity. Of traces it is what their authors say; their rows are worked out. */
export const insertTargets: Readonly<Record<Entity, InsertTarget>> = forEachEntity((entity) =>
  entity === 'traces'
    ? { table: 'authored_traces', columns: [...nativeColumns('traces', ({ name }) => ofAuthors.has(name)), partColumn] }
    : { table: getTableName(tables[entity]), columns: nativeColumns(entity) },
)
