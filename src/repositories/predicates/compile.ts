import { aliasedTable, and, type Column, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { enumValuesOf } from '../../../schema/kit/enum-values.ts'
import type { Pool } from '../../engines/pool.ts'
import type { SpanFilter, TraceFilter } from '../filters.ts'
import { matchContent, matchEnum, matchNumber, matchRange, matchTags, matchText } from './columns.ts'
import { matchDocument } from './documents.ts'
import { type Filtered, fieldKinds } from './fields.ts'
import { checkedBoolean, checkedInstant, checkedList, filterFault, filterLimits, isRecord } from './values.ts'

/** Where a filter is compiled for. */
export interface FilterScope {
  readonly pool: Pool
  readonly projectId: string
}

/** The filter that belongs to a table. */
export interface FilterOf {
  traces: TraceFilter
  spans: SpanFilter
}

type FilterTable<E extends Filtered> = Pool['tables'][E]
type Columns = Readonly<Record<string, Column>>

/**
 * The one place where a filter becomes SQL: lists, counts, streams, analytics and export all use this predicate. The
 * project is not part of it.
 *
 * @param table the table that the query names, where that is an alias
 * @throws ValidationError for a field that the table does not have, a value of a wrong type, or a filter that is too
 *   large; nothing has been executed then
 */
export function compileFilter<E extends Filtered>(
  scope: FilterScope,
  entity: E,
  filter: FilterOf[E],
  table: FilterTable<E> = scope.pool.tables[entity],
): SQL | undefined {
  return new FilterCompiler(scope).compile(entity, table, filter, '', 0)
}

class FilterCompiler {
  readonly #scope: FilterScope
  #conditions = 0

  constructor(scope: FilterScope) {
    this.#scope = scope
  }

  /** The predicate of one filter, undefined when every row fits; null in SQL means that the row does not. */
  compile(entity: Filtered, table: FilterTable<Filtered>, filter: unknown, at: string, depth: number): SQL | undefined {
    if (!isRecord(filter)) throw filterFault(at, 'must be an object of conditions')
    if (depth > filterLimits.depth) throw filterFault('filter', `must be at most ${filterLimits.depth} levels deep`)
    const conditions = Object.entries(filter).map(([name, wanted]) => {
      if (wanted === undefined) return undefined
      this.#count(1)
      const field = at === '' ? name : `${at}.${name}`
      return (
        this.#combined(entity, table, name, wanted, field, depth) ?? this.#field(entity, table, name, wanted, field)
      )
    })
    return and(...conditions)
  }

  #count(conditions: number): void {
    this.#conditions += conditions
    if (this.#conditions > filterLimits.conditions) {
      throw filterFault('filter', `must have at most ${filterLimits.conditions} conditions`)
    }
  }

  /** What is made of other filters. `true` is an answer too, since undefined says that the field is none of these. */
  #combined(
    entity: Filtered,
    table: FilterTable<Filtered>,
    name: string,
    wanted: unknown,
    field: string,
    depth: number,
  ): SQL | undefined {
    const inner = (filter: unknown, at: string) => this.compile(entity, table, filter, at, depth + 1) ?? sql`true`
    switch (name) {
      case 'and':
        return and(sql`true`, ...this.#list(wanted, field).map((each, i) => inner(each, `${field}[${i}]`)))
      case 'or': {
        const all = this.#list(wanted, field).map((each, i) => inner(each, `${field}[${i}]`))
        return all.length === 0 ? sql`false` : sql`(${sql.join(all, sql` or `)})`
      }
      case 'not':
        return sql`((${inner(wanted, field)}) is not true)`
      case 'hasSpan':
        return entity === 'traces' ? this.#related('spans', table, wanted, field, depth) : undefined
      case 'inTrace':
        return entity === 'spans' ? this.#related('traces', table, wanted, field, depth) : undefined
      default:
        return undefined
    }
  }

  #list(value: unknown, field: string): readonly unknown[] {
    const list = checkedList(value, field)
    // Empty filters are conditions as well: what is counted is also what is walked.
    this.#count(list.length)
    return list
  }

  #related(other: Filtered, table: FilterTable<Filtered>, wanted: unknown, field: string, depth: number): SQL {
    const { db, dialect, tables } = this.#scope.pool
    const related: FilterTable<Filtered> = aliasedTable(tables[other], `${other}_${depth}`)
    const condition = this.compile(other, related, wanted, field, depth + 1)
    return dialect.hasMatch(table.traceId, related.traceId, (field, on) =>
      db
        .select({ field })
        .from(related as FilterTable<'traces'>)
        .where(and(eq(related.projectId, this.#scope.projectId), on, condition)),
    )
  }

  #field(
    entity: Filtered,
    table: FilterTable<Filtered>,
    name: string,
    wanted: unknown,
    field: string,
  ): SQL | undefined {
    const columns: Columns = getTableColumns(table as FilterTable<'traces'>)
    const { dialect } = this.#scope.pool
    const column = (key: string): Column => {
      const found = Object.hasOwn(columns, key) ? columns[key] : undefined
      if (found) return found
      throw filterFault(field, 'is not a field to filter by')
    }
    const kind = fieldKinds[entity].get(name)
    switch (kind) {
      case 'text':
        return matchText(dialect, column(name), wanted, field)
      case 'number':
        return matchNumber(column(name), wanted, field)
      case 'instant':
        return matchRange(column(name), wanted, field, checkedInstant)
      case 'json':
        return matchDocument(dialect, column(name), wanted, field, (conditions) => this.#count(conditions))
    }
    const named = Object.hasOwn(columns, name) ? columns[name] : undefined
    const values = named && enumValuesOf(named)
    if (named && values) return matchEnum(named, wanted, field, values)
    switch (name) {
      case 'since':
        return matchRange(column('startTime'), { gte: wanted }, 'since', (value) => checkedInstant(value, field))
      case 'until':
        return matchRange(column('startTime'), { lt: wanted }, 'until', (value) => checkedInstant(value, field))
      case 'tags':
        return matchTags(dialect, column('tags'), wanted, field)
      case 'input':
      case 'output':
        return matchContent(dialect, column(name), wanted, field)
      case 'hasError':
        return checkedBoolean(wanted, field)
          ? this.#failed(entity, column)
          : sql`((${this.#failed(entity, column)}) is not true)`
      default:
        throw filterFault(field, 'is not a field to filter by')
    }
  }

  // Written out, not a parameter: an index of failed spans is only used for the very words it is made of.
  #failed(entity: Filtered, column: (key: string) => Column): SQL {
    const status = sql`${column('status')} = 'error'`
    return entity === 'spans' ? status : sql`(${status} or ${column('errorCount')} > 0)`
  }
}
