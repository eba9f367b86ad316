import { v7 as uuid } from 'uuid'
import { eachToken } from '../../schema/tokens.ts'
import { type Fault, ValidationError } from '../errors.ts'
import {
  type AcceptedRow,
  type ColumnSpec,
  type ColumnType,
  columnSpecs,
  type Entity,
  forEachEntity,
  type Value,
} from '../rows/accepted-row.ts'
import {
  maxCostUsd,
  maxDurationMs,
  maxIdLength,
  maxInt,
  maxJsonLevels,
  maxRowBytes,
  maxTokens,
} from '../rows/limits.ts'
import { isInstantMicros, microsOf } from '../rows/micros.ts'
import { isDeeperThan } from '../text/is-deeper-than.ts'
import { type ReplacedTexts, safeJson, safeText } from '../text/safe-json.ts'
import { isTooLarge, jsonShapeOf } from './json-shapes.ts'

/** Ids in keys and indexes, whose length is limited. */
const boundedIds = new Set([
  'projectId',
  'traceId',
  'spanId',
  'parentSpanId',
  'runId',
  'parentRunId',
  'sessionId',
  'userId',
  'resultId',
  'pointId',
  'logId',
  'metricName',
  'descriptionId',
  'results.name',
  'metrics.name',
])

/** The fault of a value that cannot be written as JSON: mostly it is nested beyond the stack. */
const notJson = `cannot be written as JSON of at most ${maxJsonLevels} levels`

const tooLarge = `must be at most ${maxRowBytes / 1024 / 1024} MiB`
const unreadable = 'cannot be read: it throws'

const anyNumber = [-Number.MAX_VALUE, Number.MAX_VALUE] as const

const tokens = [0, maxTokens] as const
const milliseconds = [0, maxDurationMs] as const

/** Bounds of numbers; all others are 0 or more. */
const numberBounds: Record<string, readonly [least: number, most: number]> = {
  ...eachToken(() => tokens),
  costUsd: [0, maxCostUsd],
  durationMs: milliseconds,
  stepsDurationMs: milliseconds,
  score: [0, 1],
  severity: [1, 24],
  value: anyNumber,
  sum: anyNumber,
  min: anyNumber,
  max: anyNumber,
}

/** Ids that are generated when a record has none. */
const ownIds: Partial<Record<Entity, string>> = { results: 'resultId', metricPoints: 'pointId', logs: 'logId' }

/** An accepted row, or all of its faults. */
export type Checked = AcceptedRow | readonly Fault[]

/** Whether the checks passed. */
export const isAccepted = (row: Checked): row is AcceptedRow => 'bytes' in row

/** Converts a value to a row's value, or throws its fault. Counts the texts that it changes. */
type Check = (value: unknown, counts: ReplacedTexts) => Value

class Refusal extends Error {}

const refuse = (message: string): never => {
  throw new Refusal(message)
}

function text(spec: ColumnSpec, entity: Entity): Check {
  const { values } = spec
  if (values) {
    const known = new Set<unknown>(values)
    return (value) => (known.has(value) ? (value as string) : refuse(`must be one of ${values.join(', ')}`))
  }
  const anyText: Check = (value, counts) => {
    if (typeof value !== 'string') return refuse('must be a string')
    return value.length > maxRowBytes ? refuse(tooLarge) : safeText(value, counts)
  }
  if (!boundedIds.has(spec.key) && !boundedIds.has(`${entity}.${spec.key}`)) return anyText
  return (value, counts) => {
    if (value === '' && spec.primaryKey && spec.key !== 'descriptionId') return refuse('must not be empty')
    const id = anyText(value, counts) as string
    return id.length > maxIdLength ? refuse(`must be at most ${maxIdLength} characters`) : id
  }
}

function integer(key: string, last: number): Check {
  const [from, to] = numberBounds[key] ?? [0, last]
  return (value) =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to
      ? (value as number)
      : refuse(`must be an integer from ${from} to ${to}`)
}

function real({ key }: ColumnSpec): Check {
  const [from, to] = numberBounds[key] ?? [0, Number.MAX_VALUE]
  const range = to < Number.MAX_VALUE ? ` from ${from} to ${to}` : from === 0 ? ', 0 or more' : ''
  return (value) =>
    typeof value === 'number' && value >= from && value <= to ? value : refuse(`must be a finite number${range}`)
}

const checks: Record<ColumnType, (spec: ColumnSpec, entity: Entity) => Check> = {
  text,
  int: ({ key }) => integer(key, maxInt),
  bigint: ({ key }) => integer(key, Number.MAX_SAFE_INTEGER),
  real,
  bool: () => (value) => (typeof value === 'boolean' ? value : refuse('must be true or false')),
  timestamp: () => (value) => {
    const micros = microsOf(value)
    return isInstantMicros(micros)
      ? micros
      : refuse('must be a Date or ISO-8601 in UTC (2026-11-20T10:03:00.123456Z), from 1970 to 2255')
  },
  json: ({ key }) => {
    const shape = jsonShapeOf(key)
    return (value, counts) => {
      if (isTooLarge(value)) return refuse(tooLarge)
      const document = safeJson(value, counts)
      // A function, a symbol, an object whose toJSON gives nothing.
      if (document === 'null' && typeof value !== 'number') return refuse('must be a value that JSON has')
      if (isDeeperThan(maxJsonLevels, document)) return refuse(`must be at most ${maxJsonLevels} levels deep`)
      return shape === undefined || shape.fits(document) ? document : refuse(`must be ${shape.accepted}`)
    }
  },
}

const noCount = (): ReplacedTexts => ({ replacedTexts: 0 })

type CheckedColumns = ReadonlyMap<string, { readonly index: number; readonly check: Check; readonly isJson: boolean }>

/** Columns that only the writer sets, whatever a record says. */
const ownedByWriter = new Set(['projectId', 'writtenAt', 'authored'])

/** The checks of an entity's records. */
interface Checklist {
  readonly columns: CheckedColumns
  /** The columns that a record may set. */
  readonly given: CheckedColumns
  readonly required: readonly { readonly index: number; readonly key: string }[]
  readonly empty: readonly Value[]
  /** The index of the id that a record may leave out; -1 where there is none. */
  readonly ownId: number
}

const checklists = forEachEntity((entity): Checklist => {
  const specs = columnSpecs[entity].map((spec, index) => ({
    index,
    key: spec.key,
    spec,
    check: checks[spec.type](spec, entity),
    isJson: spec.type === 'json',
  }))
  return {
    columns: new Map(specs.map((column) => [column.key, column])),
    given: new Map(specs.filter(({ key }) => !ownedByWriter.has(key)).map((column) => [column.key, column])),
    required: specs.filter(({ spec }) => spec.notNull),
    empty: specs.map(() => null),
    ownId: specs.findIndex(({ key }) => key === ownIds[entity]),
  }
})

/** Default values of rows, checked once for many. */
export interface RowDefaults {
  readonly values: readonly Value[]
  readonly bytes: number
}

/**
 * The row of an empty record.
 *
 * @throws Error when a default is not acceptable itself
 */
export function rowDefaults(entity: Entity, defaults: object): RowDefaults {
  const { columns, empty } = checklists[entity]
  const values = [...empty]
  const faults: Fault[] = []
  const bytes = fill(columns, defaults, values, faults, noCount())
  if (faults.length > 0) throw new ValidationError(`Invalid ${entity}`, faults)
  return { values, bytes: 64 + values.length * 8 + bytes }
}

/**
 * Checks a record and converts it to a row, or lists all of its faults. Missing columns get their default, else null.
 * Properties that are no column are ignored.
 *
 * @param counts counts the texts that had to be changed
 */
export function acceptRow(
  entity: Entity,
  record: object,
  defaults: RowDefaults,
  counts: ReplacedTexts = noCount(),
): Checked {
  if (typeof record !== 'object' || record === null) return [{ field: 'record', message: 'must be an object' }]
  const { given, required, ownId } = checklists[entity]
  const values = defaults.values.slice()
  const faults: Fault[] = []
  let bytes = defaults.bytes
  try {
    bytes += fill(given, record, values, faults, counts)
  } catch {
    // A Proxy that does not say what it has.
    return [{ field: 'record', message: unreadable }]
  }
  // Made once, so that a retry stores the same id.
  if (ownId >= 0) values[ownId] ??= uuid()
  for (const { index, key } of required) {
    if (values[index] === null && !faults.some(({ field }) => field === key)) {
      faults.push({ field: key, message: 'is required' })
    }
  }
  if (bytes > maxRowBytes) faults.push({ field: 'row', message: tooLarge })
  return faults.length > 0 ? faults : { values, bytes }
}

/** Sets the columns of a record, and returns the bytes of their text. */
function fill(
  columns: CheckedColumns,
  record: object,
  values: Value[],
  faults: Fault[],
  counts: ReplacedTexts,
): number {
  let bytes = 0
  for (const key in record) {
    const column = columns.get(key)
    if (!column) continue
    // A getter may throw, and what it throws may hold anything: the reason names the field alone.
    let reason = unreadable
    try {
      const given = (record as Record<string, unknown>)[key]
      if (given === undefined || given === null) continue
      if (column.isJson) reason = notJson
      const value = column.check(given, counts)
      values[column.index] = value
      if (typeof value === 'string') bytes += value.length
    } catch (error) {
      faults.push({
        field: key,
        message: error instanceof Refusal ? error.message : reason,
      })
      values[column.index] = null
    }
  }
  return bytes
}
