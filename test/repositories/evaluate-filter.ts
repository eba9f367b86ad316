import type { LogRow, MetricPointRow, MetricRow, ResultRow, SpanRow, TraceRow } from '../../schema/tables.ts'
import type { Json } from '../../schema/values.ts'
import { entities } from '../../src/repositories/entities/entities.ts'
import { failingStatuses } from '../../src/repositories/entities/results.ts'
import { parseSearch } from '../../src/repositories/filters/search.ts'
import { logLevels } from '../../src/repositories/log-levels.ts'

/** What filters mean, in plain JavaScript over rows in memory: the engines must agree with it. */

export interface Rows {
  readonly traces: readonly TraceRow[]
  readonly spans: readonly SpanRow[]
  readonly results: readonly ResultRow[]
  readonly metrics: readonly Omit<MetricRow, 'projectId' | 'commitSeq'>[]
  readonly metricPoints: readonly MetricPointRow[]
  readonly logs: readonly LogRow[]
}

type Row = Readonly<Record<string, unknown>>
type Conditions = Readonly<Record<string, unknown>>

export function fits<E extends keyof Rows>(rows: Rows, entity: E, given: Rows[E][number], filter: object): boolean {
  const row = given as unknown as Row
  return Object.entries(filter).every(([name, wanted]) => {
    if (wanted === undefined) return true
    const inner = (each: object) => fits(rows, entity, given, each)
    const { fields } = entities[entity]
    switch (name) {
      case 'and':
        return (wanted as object[]).every(inner)
      case 'or':
        return (wanted as object[]).some(inner)
      case 'not':
        return !inner(wanted as object)
      case 'hasSpan':
        return rows.spans.some((span) => span.traceId === row.traceId && fits(rows, 'spans', span, wanted as object))
      case 'inTrace':
        return rows.traces.some(
          (trace) => trace.traceId === row.traceId && fits(rows, 'traces', trace, wanted as object),
        )
      case 'attempt':
        return attemptOf(rows, row, { ...filter, attempt: undefined }) === wanted
      case 'serviceName':
        return entity === 'metrics' ? isOfService(rows, row, wanted) : fitsText(row.serviceName ?? null, wanted)
      default:
        return Object.hasOwn(fields, name) ? fitsColumn(entity, row, name, wanted) : fitsOwn(entity, row, name, wanted)
    }
  })
}

/** Conditions that only one entity has, and ranges of time. */
function fitsOwn(entity: keyof Rows, row: Row, name: string, wanted: unknown): boolean {
  const { time = '' } = entities[entity]
  const severity = row.severity as number | null
  switch (name) {
    case 'since':
      return micros(row[time]) >= micros(wanted)
    case 'until':
      return micros(row[time]) < micros(wanted)
    case 'hasError':
      return (row.status === 'error' || Number(row.errorCount ?? 0) > 0) === wanted
    case 'failing':
      return failingStatuses.includes(row.status as 'failed') === wanted
    case 'minSeverity':
      return severity !== null && severity >= severityOf(wanted)
    case 'level':
      return listOf(wanted).some(
        (level) => severity !== null && severity >= severityOf(level) && severity < severityOf(level) + 4,
      )
    case 'search':
      return isFound(row.bodyText as string | null, wanted as string)
    case 'pattern':
      return new RegExp(
        `^${(wanted as string).replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`,
        'is',
      ).test(row.name as string)
    default:
      throw new Error(`no condition ${name}`)
  }
}

const severityOf = (level: unknown) => (typeof level === 'number' ? level : logLevels[level as keyof typeof logLevels])

/** The position of a result among those of its name that fit. */
function attemptOf(rows: Rows, row: Row, others: object): number {
  const same = rows.results.filter((each) => each.name === row.name && fits(rows, 'results', each, others))
  same.sort((a, b) => compareBytes(a.time, b.time) || compareBytes(a.resultId, b.resultId))
  return same.findIndex(({ resultId }) => resultId === row.resultId)
}

const isOfService = (rows: Rows, row: Row, wanted: unknown) =>
  fitsText(row.serviceName ?? null, wanted) ||
  rows.metricPoints.some((point) => point.metricName === row.name && fitsText(point.serviceName, wanted))

function isFound(body: string | null, search: string): boolean {
  if (body === null) return false
  const line = ` ${lower(body)
    .split(/[^a-z0-9]+/)
    .join(' ')} `
  const { wanted, unwanted } = parseSearch(search)
  const has = (phrase: readonly string[]) => line.includes(` ${lower(phrase.join(' '))} `)
  return wanted.every(has) && !unwanted.some(has)
}

const fitsText = (value: unknown, wanted: unknown) =>
  isContains(wanted)
    ? typeof value === 'string' && lower(value).includes(lower(wanted.contains))
    : listOf(wanted).includes(value)

function fitsColumn(entity: keyof Rows, row: Row, name: string, wanted: unknown): boolean {
  const value = row[name] ?? null
  switch (entities[entity].fields[name]) {
    case 'text':
      return fitsText(value, wanted)
    case 'number':
      return isObject(wanted) ? within(value, wanted, (a, b) => Number(a) - Number(b)) : value === wanted
    case 'instant':
      return within(value, wanted as Conditions, (a, b) => micros(a) - micros(b))
    case 'json':
      return listOf(wanted).every((predicate) => fitsPath(value as Json, predicate as Conditions))
    case 'tags':
      return fitsTags(value, wanted)
    case 'content':
      return strings(value as Json).some((text) =>
        lower(text).includes(lower((wanted as { contains: string }).contains)),
      )
    default:
      return listOf(wanted).includes(value)
  }
}

function fitsTags(value: unknown, wanted: unknown): boolean {
  const tags = (value ?? []) as string[]
  const { any, all } = isObject(wanted)
    ? (wanted as { any?: string[]; all?: string[] })
    : { any: listOf(wanted), all: undefined }
  if (any && !any.some((tag) => tags.includes(tag as string))) return false
  return !all || all.every((tag) => tags.includes(tag))
}

function fitsPath(document: Json, predicate: Conditions): boolean {
  const value = listOf(predicate.path).reduce<Json | undefined>(
    (at, step) => child(at, step as string | number),
    document,
  )
  const isThere = value !== undefined && !(document === null)
  return Object.entries(predicate).every(([operator, operand]) => {
    if (operand === undefined || operator === 'path') return true
    if (operator === 'exists') return isThere === operand
    if (value === undefined || !isThere) return false
    if (operator === 'eq') return same(value, operand as Json)
    if (operator === 'ne') return !same(value, operand as Json)
    if (operator === 'in') return (operand as Json[]).some((each) => same(value, each))
    if (typeof value !== typeof operand) return false
    const order = typeof value === 'string' ? compareBytes(value, operand as string) : Number(value) - Number(operand)
    return bounds[operator as keyof typeof bounds](order)
  })
}

function child(value: Json | undefined, step: string | number): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined
  return !Array.isArray(value) && Object.hasOwn(value, step) ? (value as Record<string, Json>)[step] : undefined
}

/** Equality of JSON values in depth, without an order of keys. */
export function same(a: Json, b: Json): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) && same((a as Record<string, Json>)[key] as Json, (b as Record<string, Json>)[key] as Json),
  )
}

const bounds = {
  gt: (order: number) => order > 0,
  gte: (order: number) => order >= 0,
  lt: (order: number) => order < 0,
  lte: (order: number) => order <= 0,
}

function within(value: unknown, range: Conditions, compare: (a: unknown, b: unknown) => number): boolean {
  const given = Object.entries(range).filter(([, bound]) => bound !== undefined)
  if (given.length === 0) return true
  if (value === null) return false
  return given.every(([name, bound]) => bounds[name as keyof typeof bounds](compare(value, bound)))
}

function strings(value: Json): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}

export const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

const micros = (value: unknown) =>
  value instanceof Date
    ? value.getTime() * 1000
    : Date.parse(`${String(value).slice(0, 19)}Z`) * 1000 +
      Number(String(value).slice(20, 26).replace('Z', '').padEnd(6, '0'))

const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
const isObject = (value: unknown): value is Conditions =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isContains = (value: unknown): value is { contains: string } => isObject(value) && 'contains' in value
