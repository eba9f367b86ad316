import { and, asc, type Column, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { defaultCapabilities, type PageSize } from '../engines/capabilities.ts'
import type { Pool } from '../engines/pool.ts'
import {
  type AcceptedRow,
  type ColumnSpec,
  columnSpecs,
  type Entity,
  entities,
  type Value,
} from '../rows/accepted-row.ts'
import { keyColumns, type RowKey, rowKeyOf } from './row-key.ts'

/** A position among the rows of a project in the order of their transactions: after this row. */
export interface CommitPosition {
  readonly commit: number
  /** Undefined before the first row of the transaction. */
  readonly key?: RowKey | undefined
}

/** Consecutive rows of a table. */
export interface RowPage {
  readonly rows: readonly AcceptedRow[]
  /** The position of the last one. */
  readonly position: CommitPosition & { readonly key: RowKey }
}

const fewestRows = 10
/** Of the first page, of whose rows only the fewest are known when it is read. */
const mostFirstRows = 200

/**
 * All rows of a table in the order of the key, those of all projects or of one, or those that fit a condition, in the
 * form in which sinks take them.
 * Memory holds one batch, whose size follows that of the rows.
 */
export function readRows(
  pool: Pool,
  entity: Entity,
  {
    after,
    projectId,
    where,
    size = defaultCapabilities.copyPage,
  }: { after?: RowKey | undefined; projectId?: string | undefined; where?: SQL | undefined; size?: PageSize } = {},
): AsyncGenerator<RowPage, void, undefined> {
  const { project, keys, keyValues } = columnsOf(pool, entity)
  const ofProject = projectId === undefined ? undefined : eq(project, projectId)
  const beyond = (last: RowKey | undefined) => last && isAfter(keys, keyValues(last))
  return readPages(pool, entity, (last) => and(ofProject, where, beyond(last ? last.key : after)), keys, size)
}

/**
 * Rows of one project that were stored since a transaction, in the order of their transactions, up to a horizon, below
 * which no row appears any more.
 */
export function readCommits(
  pool: Pool,
  entity: Entity,
  { projectId, since, horizon, size }: { projectId: string; since: CommitPosition; horizon: number; size: PageSize },
): AsyncGenerator<RowPage, void, undefined> {
  const { project, commit, keys, keyValues } = columnsOf(pool, entity)
  const number = (value: number) => pool.dialect.commit(value)
  const beyond = ({ commit: last, key }: CommitPosition) =>
    key ? isAfter([commit, ...keys], [number(last), ...keyValues(key)]) : sql`${commit} >= ${number(last)}`
  const next = (last: CommitPosition = since) =>
    and(eq(project, projectId), beyond(last), sql`${commit} < ${number(horizon)}`)
  return readPages(pool, entity, next, [commit, ...keys], size)
}

/** Whether there is any row, of all projects or of one. */
export async function holdsRows(pool: Pool, projectId: string | undefined): Promise<boolean> {
  for (const entity of entities) {
    const { project } = columnsOf(pool, entity)
    const query = pool.db
      .select({ id: sql<string>`${project}` })
      .from(pool.tables[entity] as Pool['tables']['traces'])
      .where(projectId === undefined ? undefined : eq(project, projectId))
      .limit(1)
    const [row] = await Promise.resolve(query).catch((error: unknown) => {
      throw storageError(error, `look for rows of ${entity}`)
    })
    if (row) return true
  }
  return false
}

/** The project that comes after another one, by its bytes; the first one after none. */
export async function nextProject(pool: Pool, entity: Entity, after: string | undefined): Promise<string | undefined> {
  const { project } = columnsOf(pool, entity)
  const query = pool.db
    .select({ id: sql<string>`${project}` })
    .from(pool.tables[entity] as Pool['tables']['traces'])
    .where(after === undefined ? undefined : sql`${project} > ${after}`)
    .orderBy(asc(project))
    .limit(1)
  const [row] = await Promise.resolve(query).catch((error: unknown) => {
    throw storageError(error, `read the projects of ${entity}`)
  })
  return row?.id
}

/**
 * Pages of a table, read one after the other.
 *
 * @param next which rows come after a position; after undefined, all of them
 */
async function* readPages(
  pool: Pool,
  entity: Entity,
  next: (last: CommitPosition | undefined) => SQL | undefined,
  orderBy: readonly Column[],
  size: PageSize,
): AsyncGenerator<RowPage, void, undefined> {
  const specs = columnSpecs[entity]
  const { column, commit } = columnsOf(pool, entity)
  // JSON as the engine's text: parsing it would cost time and change nothing.
  const selected = ({ key, type }: ColumnSpec) =>
    (type === 'json' ? pool.dialect.jsonAsText(column(key)) : column(key)) as PgColumn
  const selection = {
    ...Object.fromEntries(specs.map((spec) => [spec.key, selected(spec)])),
    commitSeq: commit as PgColumn,
  }
  const keyOf = rowKeyOf(entity, pool.capabilities.repeatedKeys)
  let position: RowPage['position'] | undefined
  let limit = fewestRows
  let most = mostFirstRows
  /** The first rows, whose size says how many are a page: each page is a write, so they are not one of their own. */
  let begun: AcceptedRow[] = []
  for (;;) {
    const query = pool.db
      .select(selection)
      .from(pool.tables[entity] as Pool['tables']['traces'])
      .where(next(position))
      .orderBy(...orderBy.map((each) => asc(each)))
      .limit(limit)
    const found = await Promise.resolve(query).catch((error: unknown) => {
      throw storageError(error, `read rows of ${entity}`)
    })
    const rows = [...begun, ...found.map((row) => accepted(specs, row as Record<string, unknown>))]
    const last = rows.at(-1)
    if (!last) return
    position = { commit: Number(found.at(-1)?.commitSeq ?? position?.commit), key: keyOf(last) }
    const isEnd = found.length < limit
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
    limit = Math.round(Math.min(most, Math.max(fewestRows, size.bytes / (bytes / rows.length))))
    if (!isEnd && most === mostFirstRows && limit > rows.length) {
      begun = rows
      limit -= rows.length
      most = size.rows
      continue
    }
    begun = []
    yield { rows, position }
    if (isEnd) return
  }
}

/** The columns of a table that reading goes by. */
function columnsOf(pool: Pool, entity: Entity) {
  const columns = getTableColumns(pool.tables[entity]) as Record<string, Column>
  const column = (key: string) => columns[key] as Column
  const specs = keyColumns(entity, pool.capabilities.repeatedKeys)
  return {
    column,
    project: column('projectId'),
    commit: column('commitSeq'),
    keys: specs.map(({ key }) => column(key)),
    keyValues: (values: RowKey): SQL[] =>
      specs.map(({ key, type }, i) => {
        const value = values[i]
        return sql`${sql.param(type === 'timestamp' ? isoFromMicros(Number(value)) : value, column(key))}`
      }),
  }
}

const isAfter = (columns: readonly Column[], values: readonly SQL[]): SQL =>
  sql`(${sql.join(
    columns.map((column) => sql`${column}`),
    sql`, `,
  )}) > (${sql.join([...values], sql`, `)})`

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
