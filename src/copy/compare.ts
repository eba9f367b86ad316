import { isDeepStrictEqual } from 'node:util'
import type { Pool } from '../engines/pool.ts'
import { newestOfEachKey } from '../row-pages/newest-of-each-key.ts'
import { type RowPage, readRows } from '../row-pages/read-rows.ts'
import { compareKeys, type RowKey, rowKeyOf } from '../row-pages/row-key.ts'
import {
  type AcceptedRow,
  type ColumnSpec,
  columnIndex,
  columnSpecs,
  type Entity,
  entities,
  type Value,
} from '../rows/accepted-row.ts'
import type { CopyOptions, CopyProgress } from './options.ts'

/** What a comparison of two stores found. */
export interface Comparison {
  /** Whether every row of the source is in the target, and equal. */
  readonly equal: boolean
  readonly tables: Readonly<Record<Entity, TableComparison>>
}

/** What a comparison of a table found. */
export interface TableComparison {
  /** Rows of the source. */
  readonly rows: number
  readonly missing: number
  readonly different: number
  /** Rows that only the target has. */
  readonly extra: number
  /** The keys of the first rows that are missing or different, with the columns that differ. */
  readonly examples: readonly { readonly key: RowKey; readonly columns: readonly string[] }[]
}

const mostExamples = 10

/** Compares all rows of two stores, in the memory of two batches. */
export async function compareStores(
  from: Pool,
  to: Pool,
  { projectId, signal, onProgress }: Pick<CopyOptions, 'projectId' | 'signal' | 'onProgress'> = {},
): Promise<Comparison> {
  const tables: Partial<Record<Entity, TableComparison>> = {}
  for (const table of entities) {
    const onRows = (rows: number) => {
      signal?.throwIfAborted()
      onProgress?.({ phase: 'verify', table, rows })
    }
    tables[table] = await compareTable(from, to, table, projectId, onRows)
  }
  const equal = Object.values(tables).every(({ missing, different }) => missing === 0 && different === 0)
  return { equal, tables: tables as Comparison['tables'] }
}

async function compareTable(
  from: Pool,
  to: Pool,
  table: CopyProgress['table'],
  projectId: string | undefined,
  onRows: (rows: number) => void,
): Promise<TableComparison> {
  const found = { rows: 0, missing: 0, different: 0, extra: 0 }
  const examples: { key: RowKey; columns: string[] }[] = []
  // Where both may hold several rows of a key every row counts. Else one side has the newest row of each key.
  const repeatedKeys = to.capabilities.repeatedKeys && from.capabilities.repeatedKeys
  const keyOf = rowKeyOf(table, repeatedKeys)
  const pagesOf = (pool: Pool) => {
    const pages = readRows(pool, table, { projectId })
    return pool.capabilities.repeatedKeys && !repeatedKeys ? newestRows(table, pages) : pages
  }
  const targets = new Cursor(pagesOf(to))
  const note = (key: RowKey, columns: string[]) => {
    if (examples.length < mostExamples) examples.push({ key, columns })
  }
  for await (const { rows } of pagesOf(from)) {
    for (const row of rows) {
      const key = keyOf(row)
      let target = await targets.current()
      while (target && compareKeys(keyOf(target), key) < 0) {
        found.extra += 1
        target = await targets.next()
      }
      found.rows += 1
      if (!target || compareKeys(keyOf(target), key) > 0) {
        found.missing += 1
        note(key, [])
        continue
      }
      const columns = differences(specsOf(table, row, target), row, target)
      if (columns.length > 0) {
        found.different += 1
        note(key, columns)
      }
      await targets.next()
    }
    onRows(found.rows)
  }
  while (await targets.current()) {
    found.extra += 1
    await targets.next()
  }
  return { ...found, examples }
}

type Rows = Pick<RowPage, 'rows'>

/** Pages that hold each key once, with its newest row. */
async function* newestRows(entity: Entity, pages: AsyncIterable<Rows>): AsyncGenerator<Rows, void, undefined> {
  let held: AcceptedRow[] = []
  for await (const { rows } of pages) {
    const newest = newestOfEachKey(entity, [...held, ...rows])
    // The next page may begin with more rows of the last key.
    held = newest.splice(-1)
    yield { rows: newest }
  }
  yield { rows: held }
}

/** Rows of pages, one by one. */
class Cursor {
  readonly #pages: AsyncIterator<Rows>
  #rows: readonly AcceptedRow[] = []
  #at = 0

  constructor(pages: AsyncIterator<Rows>) {
    this.#pages = pages
  }

  async current(): Promise<AcceptedRow | undefined> {
    while (this.#at >= this.#rows.length) {
      const { value, done } = await this.#pages.next()
      if (done) return undefined
      this.#rows = value.rows
      this.#at = 0
    }
    return this.#rows[this.#at]
  }

  next(): Promise<AcceptedRow | undefined> {
    this.#at += 1
    return this.current()
  }
}

const authoredIndex = columnIndex('traces', 'authored')
const tracesWithout = (...keys: readonly string[]) =>
  columnSpecs.traces.map((spec) => (keys.includes(spec.key) ? undefined : spec))
/** When each field was said is not copied: a copy says them all at once. */
const authoredSpecs = tracesWithout('authoredStamps')
const unauthoredSpecs = tracesWithout('authoredStamps', 'createdAt')

/**
 * The columns that must be equal. A trace that nobody wrote was created when its store saw it first, a span that has been
 * replaced since among what it saw: that is not copied.
 */
function specsOf(table: Entity, a: AcceptedRow, b: AcceptedRow): readonly (ColumnSpec | undefined)[] {
  if (table !== 'traces') return columnSpecs[table]
  return isUnauthored(a) && isUnauthored(b) ? unauthoredSpecs : authoredSpecs
}

const isUnauthored = ({ values }: AcceptedRow): boolean => (values[authoredIndex] ?? null) === null

function differences(specs: readonly (ColumnSpec | undefined)[], a: AcceptedRow, b: AcceptedRow): string[] {
  return specs.flatMap((spec, i) =>
    spec === undefined || isSame(spec, a.values[i] ?? null, b.values[i] ?? null) ? [] : [spec.name],
  )
}

function isSame({ type }: ColumnSpec, a: Value, b: Value): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  // Engines keep objects' members in their own order, and write numbers in their own way.
  if (type === 'json') return isDeepStrictEqual(JSON.parse(String(a)), JSON.parse(String(b)))
  return type === 'bool' && Boolean(a) === Boolean(b)
}
