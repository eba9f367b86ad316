import { microsFromIso } from '../../schema/time.ts'
import { otelKinds, spanKinds, statuses } from '../../schema/values.ts'
import type { Fault } from '../errors.ts'
import {
  type AcceptedRow,
  type ColumnSpec,
  type ColumnType,
  columnSpecs,
  type Entity,
  forEachEntity,
  type Value,
} from './accepted-row.ts'
import { safeJson, safeText } from './safe-json.ts'

/** 2255-06-05: the last microsecond that a float holds exactly. */
const lastMicros = 9_007_199_254_740_991
const lastInt = 2_147_483_647
const idLength = 256
const idBytes = 800
const rowBytes = 32 * 1024 * 1024

/** Ids that are keys or are looked up by an index, which limits their length. */
const boundedIds = new Set([
  'projectId',
  'traceId',
  'spanId',
  'parentSpanId',
  'runId',
  'parentRunId',
  'sessionId',
  'userId',
])

const vocabularies: Record<string, readonly string[]> = { kind: spanKinds, status: statuses, otelKind: otelKinds }

/** A row that passed its checks, or everything that is wrong with it. */
export type Checked = AcceptedRow | readonly Fault[]

/** Whether a checked row passed. */
export const isAccepted = (row: Checked): row is AcceptedRow => 'bytes' in row

/** Turns a given value into a row's value, or throws what is wrong with it. */
type Check = (value: unknown) => Value

class Refusal extends Error {}

const refuse = (message: string): never => {
  throw new Refusal(message)
}

function text(spec: ColumnSpec): Check {
  const vocabulary = vocabularies[spec.key]
  if (vocabulary) {
    const known = new Set<unknown>(vocabulary)
    return (value) => (known.has(value) ? (value as string) : refuse(`must be one of ${vocabulary.join(', ')}`))
  }
  const anyText: Check = (value) => (typeof value === 'string' ? safeText(value) : refuse('must be a string'))
  if (!boundedIds.has(spec.key)) return anyText
  return (value) => {
    if (value === '' && spec.primaryKey) return refuse('must not be empty')
    const id = anyText(value) as string
    const tooLong = id.length > idLength || (id.length > idBytes / 4 && Buffer.byteLength(id) > idBytes)
    return tooLong ? refuse(`must be at most ${idLength} characters and ${idBytes} bytes`) : id
  }
}

const integer =
  (most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most
      ? (value as number)
      : refuse(`must be an integer from 0 to ${most}`)

const checks: Record<ColumnType, (spec: ColumnSpec) => Check> = {
  text,
  int: () => integer(lastInt),
  bigint: () => integer(Number.MAX_SAFE_INTEGER),
  real: () => (value) =>
    typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
      ? value
      : refuse('must be a finite number, 0 or more'),
  bool: () => (value) => (typeof value === 'boolean' ? value : refuse('must be true or false')),
  timestamp: () => (value) => {
    const micros = microsOf(value)
    return micros >= 0 && micros <= lastMicros
      ? micros
      : refuse('must be a Date or ISO-8601 in UTC (2026-11-20T10:03:00.123456Z), from 1970 to 2255')
  },
  json: () => safeJson,
}

function microsOf(value: unknown): number {
  if (typeof value === 'string') return microsFromIso(value)
  return value instanceof Date ? value.getTime() * 1000 : Number.NaN
}

const columnChecks = forEachEntity((entity) => columnSpecs[entity].map((spec) => checks[spec.type](spec)))

/**
 * Checks a record and turns it into a row that waits for its batch, or says everything that is wrong with it. Columns
 * that the record leaves out are null; `defaults` come before that.
 */
export function acceptRow(entity: Entity, record: object, defaults: Readonly<Record<string, unknown>>): Checked {
  const specs = columnSpecs[entity]
  const columns = columnChecks[entity]
  const values: Value[] = new Array(specs.length).fill(null)
  const faults: Fault[] = []
  let bytes = 64 + specs.length * 8
  for (let i = 0; i < specs.length; i += 1) {
    const spec = specs[i] as ColumnSpec
    const given = (record as Record<string, unknown>)[spec.key] ?? defaults[spec.key]
    if (given === undefined || given === null) {
      if (spec.notNull) faults.push({ field: spec.key, message: 'is required' })
      continue
    }
    try {
      const value = (columns[i] as Check)(given)
      values[i] = value
      if (typeof value === 'string') bytes += value.length
    } catch (error) {
      faults.push({ field: spec.key, message: error instanceof Refusal ? error.message : 'cannot be written as JSON' })
    }
  }
  if (bytes > rowBytes) faults.push({ field: 'row', message: `must be at most ${rowBytes / 1024 / 1024} MiB` })
  return faults.length > 0 ? faults : { values, bytes }
}
