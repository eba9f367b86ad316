import type { SpanRow, TraceRow } from '../../schema/tables.ts'
import type { Json } from '../../schema/values.ts'
import { entities } from '../../src/repositories/entities/entities.ts'

/** What filters mean, in plain JavaScript over rows in memory: the engines must agree with it. */

export interface Rows {
  readonly traces: readonly TraceRow[]
  readonly spans: readonly SpanRow[]
}

type Row = Readonly<Record<string, unknown>>
type Conditions = Readonly<Record<string, unknown>>

export function fits(rows: Rows, entity: 'traces' | 'spans', row: TraceRow | SpanRow, filter: object): boolean {
  return Object.entries(filter).every(([name, wanted]) => {
    if (wanted === undefined) return true
    const inner = (each: object) => fits(rows, entity, row, each)
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
      default:
        return fitsColumn(entity, row as unknown as Row, name, wanted)
    }
  })
}

function fitsColumn(entity: 'traces' | 'spans', row: Row, name: string, wanted: unknown): boolean {
  const value = row[name] ?? null
  const { fields } = entities[entity]
  switch (Object.hasOwn(fields, name) ? fields[name] : undefined) {
    case 'text':
      return isContains(wanted)
        ? typeof value === 'string' && lower(value).includes(lower(wanted.contains))
        : listOf(wanted).includes(value)
    case 'number':
      return isObject(wanted) ? within(value, wanted, (a, b) => Number(a) - Number(b)) : value === wanted
    case 'instant':
      return within(value, wanted as Conditions, (a, b) => micros(a) - micros(b))
    case 'json':
      return listOf(wanted).every((predicate) => fitsPlace(value as Json, predicate as Conditions))
  }
  switch (name) {
    case 'since':
      return micros(row.startTime) >= micros(wanted)
    case 'until':
      return micros(row.startTime) < micros(wanted)
    case 'hasError':
      return (row.status === 'error' || Number(row.errorCount ?? 0) > 0) === wanted
    case 'tags':
      return fitsTags(value, wanted)
    case 'input':
    case 'output':
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

function fitsPlace(document: Json, predicate: Conditions): boolean {
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
