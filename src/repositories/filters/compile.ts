import { aliasedTable, and, type Column, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { enumValuesOf } from '../../../schema/kit/enum-values.ts'
import { type EntityName, entities, type FilterOf } from '../entities/entities.ts'
import type { ConditionContext } from '../entities/entity.ts'
import type { ReadScope } from '../read-scope.ts'
import { matchBoolean, matchContent, matchEnum, matchNumber, matchRange, matchTags, matchText } from './columns.ts'
import { matchDocument } from './documents.ts'
import { checkedInstant, checkedList, filterFault, filterLimits, isRecord } from './values.ts'

/** A filter as SQL. */
export interface CompiledFilter {
  /** What the filter asks for, whichever the project; undefined when every row matches. */
  readonly condition: SQL | undefined
  /** The whole predicate: the rows of the project that match. */
  readonly where: SQL
}

type Columns = Readonly<Record<string, Column>>

/** A filtered table, under the name that the query gives it. */
interface Target {
  readonly entity: EntityName
  readonly columns: Columns
}

/** A filter inside the whole one. */
interface Position {
  /** The path from the whole filter, for messages: `or[1].not`. */
  readonly path: string
  readonly depth: number
  /** Whether every row that is found must match this filter, as at the top and in `and`. */
  readonly isRequired: boolean
}

/**
 * Compiles a filter: lists, counts, streams, statistics, analytics, `follow` and export all use what this returns.
 *
 * @param table the table that the query names, where that is an alias
 * @throws ValidationError for a field that the entity does not have, a value of a wrong type, or a filter that is too
 *   large; nothing has been executed then
 */
export function compileFilter<E extends EntityName>(
  scope: ReadScope,
  entity: E,
  filter: FilterOf[E],
  table: ReadScope['pool']['tables'][E] = scope.pool.tables[entity],
): CompiledFilter {
  const columns = columnsOf(table)
  const compiler = new FilterCompiler(scope)
  const condition = compiler.compile({ entity, columns }, filter, { path: '', depth: 0, isRequired: true })
  return {
    condition,
    get where() {
      const projectId = columns.projectId as Column
      // Planners know little of how many rows a search finds, and like to walk through the project instead. Every index
      // of a table begins with the project, and none is found by an expression of it.
      const project = compiler.hasOwnIndex ? sql`coalesce(${projectId}, ${projectId})` : projectId
      // Metrics are few, and are also read from a list that has no rows to number.
      const beat = entity === 'metrics' ? undefined : scope.pool.dialect.beat(projectId.table)
      return and(sql`${project} = ${scope.projectId}`, beat, condition) as SQL
    },
  }
}

const columnsOf = (table: unknown): Columns => getTableColumns(table as PgTable)

class FilterCompiler {
  readonly #scope: ReadScope
  #conditions = 0
  #hasOwnIndex = false

  constructor(scope: ReadScope) {
    this.#scope = scope
  }

  /** Whether an index that is no index of the table answers the filter. */
  get hasOwnIndex(): boolean {
    return this.#hasOwnIndex
  }

  /** The predicate of one filter, undefined when every row matches; null in SQL means that the row does not match. */
  compile(target: Target, filter: unknown, position: Position): SQL | undefined {
    if (!isRecord(filter)) throw filterFault(position.path, 'must be an object of conditions')
    if (position.depth > filterLimits.depth) {
      throw filterFault('filter', `must be at most ${filterLimits.depth} levels deep`)
    }
    const conditions = Object.entries(filter).map(([name, wanted]) => {
      if (wanted === undefined) return undefined
      this.#count(1)
      const field = position.path === '' ? name : `${position.path}.${name}`
      return (
        this.#combined(target, name, wanted, field, position) ??
        this.#own(target, filter, name, wanted, field, position) ??
        this.#column(target, name, wanted, field)
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

  /** What is made of other filters. `true` is an answer too, since undefined says that the field is another one. */
  #combined(target: Target, name: string, wanted: unknown, field: string, position: Position): SQL | undefined {
    const inner = (filter: unknown, path: string, isRequired: boolean) =>
      this.compile(target, filter, { path, depth: position.depth + 1, isRequired }) ?? sql`true`
    switch (name) {
      case 'and': {
        const all = this.#list(wanted, field)
        return and(sql`true`, ...all.map((each, i) => inner(each, `${field}[${i}]`, position.isRequired)))
      }
      case 'or': {
        const all = this.#list(wanted, field).map((each, i) => inner(each, `${field}[${i}]`, false))
        return all.length === 0 ? sql`false` : sql`(${sql.join(all, sql` or `)})`
      }
      case 'not':
        return sql`((${inner(wanted, field, false)}) is not true)`
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

  /** A condition of the entity's own. */
  #own(
    target: Target,
    filter: Record<string, unknown>,
    name: string,
    wanted: unknown,
    field: string,
    position: Position,
  ): SQL | undefined {
    const { conditions = {} } = entities[target.entity]
    if (!Object.hasOwn(conditions, name)) return undefined
    const context: ConditionContext = {
      scope: this.#scope,
      column: (column) => columnOf(target, column, field),
      related: (other, column, theirs, wanted, field) =>
        this.#related(other, column, theirs, wanted, { path: field, depth: position.depth, isRequired: false }),
      others: () => this.compile(target, { ...filter, [name]: undefined }, position),
      useOwnIndex: () => {
        this.#hasOwnIndex ||= position.isRequired
      },
    }
    return conditions[name]?.(context, wanted, field)
  }

  #related(
    other: 'traces' | 'spans',
    column: Column,
    theirs: 'traceId',
    wanted: unknown,
    { path, depth, isRequired }: Position,
  ): SQL {
    const { db, dialect, tables } = this.#scope.pool
    // Both tables have the columns of keys; Drizzle's builder takes no type that may be either.
    const related = aliasedTable(tables[other], `${other}_${depth}`) as unknown as ReadScope['pool']['tables']['traces']
    const target = { entity: other, columns: columnsOf(related) }
    const condition = this.compile(target, wanted, { path, depth: depth + 1, isRequired })
    return dialect.hasMatch(column, related[theirs], (field, on) =>
      db
        .select({ field })
        .from(related)
        .where(and(eq(related.projectId, this.#scope.projectId), on, dialect.beat(related), condition)),
    )
  }

  #column(target: Target, name: string, wanted: unknown, field: string): SQL | undefined {
    const { dialect } = this.#scope.pool
    const { time, fields } = entities[target.entity]
    if (time !== undefined && (name === 'since' || name === 'until')) {
      const bound = { [name === 'since' ? 'gte' : 'lt']: wanted }
      return matchRange(columnOf(target, time, field), bound, name, (value) => checkedInstant(value, field))
    }
    if (!Object.hasOwn(fields, name)) throw filterFault(field, 'is not a field to filter by')
    const column = columnOf(target, name, field)
    switch (fields[name]) {
      case 'number':
        return matchNumber(column, wanted, field)
      case 'instant':
        return matchRange(column, wanted, field, checkedInstant)
      case 'json':
        return matchDocument(dialect, column, wanted, field, (conditions) => this.#count(conditions))
      case 'content':
        return matchContent(dialect, column, wanted, field)
      case 'tags':
        return matchTags(dialect, column, wanted, field)
      case 'bool':
        return matchBoolean(column, wanted, field)
      case 'enum':
        return matchEnum(column, wanted, field, enumValuesOf(column) ?? [])
      default:
        return matchText(dialect, column, wanted, field)
    }
  }
}

function columnOf({ columns }: Target, name: string, field: string): Column {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined
  if (column) return column
  throw filterFault(field, 'is not a field to filter by')
}
