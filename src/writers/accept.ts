import { microsFromIso } from '../../schema/time.ts'
import { otelKinds, spanKinds, statuses } from '../../schema/values.ts'
import type { Fault } from '../errors.ts'
import { type AcceptedRow, type ColumnSpec, columnSpecs, type Entity, type Value } from './accepted-row.ts'
import { safeJson, safeText } from './safe-json.ts'

/** 2255-06-05: the last microsecond that a float holds exactly. */
const lastMicros = 9_007_199_254_740_991
const lastInt = 2_147_483_647
const idLength = 256
const idBytes = 800
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
const rowBytes = 32 * 1024 * 1024

const vocabularies: Record<string, ReadonlySet<string>> = {
  kind: new Set(spanKinds),
  status: new Set(statuses),
  otelKind: new Set(otelKinds),
}

type Check = (value: unknown, spec: ColumnSpec, faults: Fault[]) => Value

const refuse = (faults: Fault[], spec: ColumnSpec, message: string): null => {
  faults.push({ field: spec.key, message })
  return null
}

const integer =
  (most: number): Check =>
  (value, spec, faults) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most
      ? (value as number)
      : refuse(faults, spec, `must be an integer from 0 to ${most}`)

const checks: Record<ColumnSpec['type'], Check> = {
  text(value, spec, faults) {
    if (typeof value !== 'string') return refuse(faults, spec, 'must be a string')
    const vocabulary = vocabularies[spec.key]
    if (vocabulary && !vocabulary.has(value)) {
      return refuse(faults, spec, `must be one of ${[...vocabulary].join(', ')}`)
    }
    if (boundedIds.has(spec.key)) {
      if (value === '' && spec.primaryKey) return refuse(faults, spec, 'must not be empty')
      if (value.length > idLength || (value.length > idBytes / 4 && Buffer.byteLength(value) > idBytes)) {
        return refuse(faults, spec, `must be at most ${idLength} characters and ${idBytes} bytes`)
      }
    }
    return safeText(value)
  },
  int: integer(lastInt),
  bigint: integer(Number.MAX_SAFE_INTEGER),
  real: (value, spec, faults) =>
    typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
      ? value
      : refuse(faults, spec, 'must be a finite number, 0 or more'),
  bool: (value, spec, faults) => (typeof value === 'boolean' ? value : refuse(faults, spec, 'must be true or false')),
  timestamp(value, spec, faults) {
    const micros = microsOf(value)
    return micros >= 0 && micros <= lastMicros
      ? micros
      : refuse(faults, spec, 'must be a Date or ISO-8601 in UTC (2026-11-20T10:03:00.123456Z), from 1970 to 2255')
  },
  json(value, spec, faults) {
    try {
      return safeJson(value)
    } catch {
      return refuse(faults, spec, 'is nested too deeply')
    }
  },
}

function microsOf(value: unknown): number {
  if (typeof value === 'string') return microsFromIso(value)
  return value instanceof Date ? value.getTime() * 1000 : Number.NaN
}

/** A row that passed its checks, or everything that is wrong with it. */
export type Checked = AcceptedRow | readonly Fault[]

/** Whether a checked row passed. */
export const isAccepted = (row: Checked): row is AcceptedRow => 'bytes' in row

/**
 * Checks a record and turns it into a row that waits for its batch, or says everything that is wrong with it. Columns
 * that the record leaves out are null; `defaults` come before that.
 */
export function acceptRow(entity: Entity, record: object, defaults: Readonly<Record<string, unknown>>): Checked {
  const faults: Fault[] = []
  const specs = columnSpecs[entity]
  const values: Value[] = new Array(specs.length)
  let bytes = 64 + specs.length * 8
  for (let i = 0; i < specs.length; i += 1) {
    const spec = specs[i] as ColumnSpec
    const given = (record as Record<string, unknown>)[spec.key] ?? defaults[spec.key]
    let value: Value = null
    if (given !== undefined && given !== null) value = checks[spec.type](given, spec, faults)
    else if (spec.notNull) refuse(faults, spec, 'is required')
    values[i] = value
    if (typeof value === 'string') bytes += value.length
  }
  if (bytes > rowBytes) faults.push({ field: 'row', message: `must be at most ${rowBytes / 1024 / 1024} MiB` })
  return faults.length > 0 ? faults : { values, bytes }
}
