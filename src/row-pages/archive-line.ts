import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { FormatError } from '../errors.ts'
import {
  type AcceptedRow,
  type ColumnSpec,
  columnSpecs,
  type Entity,
  entities,
  type Value,
} from '../rows/accepted-row.ts'
import { isInstantMicros } from '../rows/micros.ts'

/**
 * One row as one line of JSON: `{"spans":{"traceId":"…","startTime":"2026-11-20T10:03:00.123456Z",…}}`. Columns have the
 * names of records, instants are in row format, JSON is JSON, nulls are left out, and so is the project: who reads the
 * line says which it is.
 */
export function lineOf(entity: Entity, { values }: AcceptedRow): string {
  const members: string[] = []
  columnSpecs[entity].forEach((spec, index) => {
    const value = values[index] ?? null
    if (value !== null && spec.key !== 'projectId') members.push(`"${spec.key}":${jsonOf(spec, value)}`)
  })
  return `{"${entity}":{${members.join(',')}}}`
}

/**
 * The row of a line that `lineOf` made.
 *
 * @throws FormatError for what is no row of this version
 */
export function rowOfLine(line: unknown, projectId: string): { entity: Entity; row: AcceptedRow } {
  const [name, given] = isObject(line) ? (Object.entries(line)[0] ?? []) : []
  const entity = entities.find((each) => each === name)
  if (entity === undefined || !isObject(given)) throw new FormatError('is no row of an archive')
  const specs = columnSpecs[entity]
  const unknown = Object.keys(given).find((key) => !specs.some((spec) => spec.key === key))
  if (unknown !== undefined) {
    throw new FormatError(`has a column that this version of tracehold does not know: ${entity}.${unknown}`)
  }
  let bytes = specs.length * 8
  const values = specs.map((spec): Value => {
    const value = spec.key === 'projectId' ? projectId : readValue(entity, spec, given[spec.key] ?? null)
    if (typeof value === 'string') bytes += value.length
    return value
  })
  return { entity, row: { values, bytes } }
}

/** A row whose documents are written as `lineOf` writes them, so that it equals the one that is read again. */
export function canonicalRow(entity: Entity, { values, bytes }: AcceptedRow): AcceptedRow {
  const specs = columnSpecs[entity]
  return {
    bytes,
    values: values.map((value, index): Value => {
      const type = specs[index]?.type
      if (value === null) return null
      if (type === 'json') return JSON.stringify(JSON.parse(String(value)))
      return type === 'bool' ? Boolean(value) : value
    }),
  }
}

function jsonOf({ type }: ColumnSpec, value: Exclude<Value, null>): string {
  if (type === 'json') return String(value)
  return JSON.stringify(type === 'timestamp' ? isoFromMicros(Number(value)) : value)
}

const kinds = { text: 'string', int: 'number', bigint: 'number', real: 'number', bool: 'boolean' } as const

function readValue(entity: Entity, { key, type, notNull, values }: ColumnSpec, value: unknown): Value {
  const broken = () => new FormatError(`has no value that fits in ${entity}.${key}`)
  if (value === null) {
    if (notNull) throw broken()
    return null
  }
  if (type === 'json') return JSON.stringify(value)
  if (type === 'timestamp') {
    const micros = typeof value === 'string' ? microsFromIso(value) : Number.NaN
    if (!isInstantMicros(micros)) throw broken()
    return micros
  }
  const isWhole = (type !== 'int' && type !== 'bigint') || Number.isSafeInteger(value)
  const fits = typeof value === kinds[type] && isWhole && (!values || values.includes(String(value)))
  if (!fits) throw broken()
  return value as Value
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
