import { isoFromMicros } from '../../../schema/time.ts'
import type { Json } from '../../../schema/values.ts'
import { ValidationError } from '../../errors.ts'
import { maxInt } from '../../rows/limits.ts'
import { isInstantMicros, microsOf } from '../../rows/micros.ts'
import { safeJson, safeText } from '../../text/safe-json.ts'

/** How large a filter may be; what is larger is refused before anything runs. */
export const filterLimits = {
  /** Filters inside of filters: `and`, `or`, `not`, `hasSpan`, `inTrace`. */
  depth: 16,
  /** Conditions of one filter, all levels together. */
  conditions: 500,
  /** Values of one list. */
  listLength: 10_000,
  /** Steps of a path into a document. */
  pathLength: 16,
  /** Characters of one text. */
  textLength: 10_000,
} as const

/** The error for one fault of a filter. */
export function filterFault(field: string, message: string): ValidationError {
  return new ValidationError('Invalid filter', [{ field: field === '' ? 'filter' : field, message }])
}

/** Whether a value is an object with members, as filters and ranges are. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** A text as it is stored: the writers replace what engines cannot hold, so a search must do the same. */
export function checkedText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw filterFault(field, 'must be a string')
  if (value.length > filterLimits.textLength) {
    throw filterFault(field, `must be at most ${filterLimits.textLength} characters`)
  }
  return safeText(value)
}

/** A text to look for. */
export function checkedNeedle(value: unknown, field: string): string {
  const needle = checkedText(value, field)
  if (needle === '') throw filterFault(field, 'must not be empty')
  return needle
}

export function checkedNumber(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw filterFault(field, 'must be a finite number')
}

export function checkedBoolean(value: unknown, field: string): boolean {
  if (typeof value === 'boolean') return value
  throw filterFault(field, 'must be true or false')
}

/** An instant in row format. */
export function checkedInstant(value: unknown, field: string): string {
  const micros = microsOf(value)
  if (isInstantMicros(micros)) return isoFromMicros(micros)
  throw filterFault(field, 'must be a Date or ISO-8601 in UTC, such as 2026-11-20T10:03:00Z')
}

export function checkedList(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw filterFault(field, 'must be a list')
  if (value.length > filterLimits.listLength) {
    throw filterFault(field, `must have at most ${filterLimits.listLength} values`)
  }
  return value
}

/** The steps of a path into a document. */
export function checkedPath(value: unknown, field: string): readonly (string | number)[] {
  const steps = Array.isArray(value) ? value : [value]
  if (steps.length < 1 || steps.length > filterLimits.pathLength) {
    throw filterFault(field, `must have 1 to ${filterLimits.pathLength} steps`)
  }
  return steps.map((step) => {
    if (typeof step === 'string') return checkedText(step, field)
    if (Number.isInteger(step) && step >= 0 && step <= maxInt) return step
    throw filterFault(field, 'must be a key, or a list of keys and of indexes from 0')
  })
}

/** A JSON value as it is stored. */
export function checkedJson(value: unknown, field: string): Json {
  if (typeof value === 'number') return checkedNumber(value, field)
  if (value === undefined || typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    throw filterFault(field, 'must be a JSON value')
  }
  let text: string
  try {
    text = safeJson(value)
  } catch {
    throw filterFault(field, 'is nested too deeply')
  }
  if (text.length > filterLimits.textLength) {
    throw filterFault(field, `must be at most ${filterLimits.textLength} characters of JSON`)
  }
  return JSON.parse(text)
}
