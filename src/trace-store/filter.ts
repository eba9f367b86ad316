import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../schema/values.ts'
import { type Fault, ValidationError } from '../errors.ts'
import { microsFromPython } from '../formats/python-time.ts'
import { safeJson } from '../text/safe-json.ts'
import type { TraceFilter } from './trace-store.ts'

/** A filter whose values are checked, and as they are stored. */
export interface CheckedFilter {
  readonly metadata: readonly (readonly [key: string, value: Json])[]
  readonly minSteps: number | undefined
  readonly maxSteps: number | undefined
  /** Microseconds since 1970. */
  readonly since: number | undefined
  readonly until: number | undefined
}

/** @throws ValidationError for a value that is none, or a member that filters do not have */
export function checkedFilter(filter: TraceFilter): CheckedFilter {
  const faults: Fault[] = []
  const { metadata_match: match, min_steps, max_steps, since, until, ...others } = filter
  for (const field of Object.keys(others)) faults.push({ field, message: 'is not a field to filter by' })
  const steps = (field: string, value: unknown) => {
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number' && !Number.isNaN(value)) return value
    faults.push({ field, message: 'must be a number' })
    return undefined
  }
  const instant = (field: string, value: unknown) => {
    if (value === undefined || value === null) return undefined
    const micros = value instanceof Date ? value.getTime() * 1000 : microsFromPython(String(value))
    if (Number.isNaN(micros)) faults.push({ field, message: 'must be a Date or ISO-8601' })
    return micros
  }
  if (match !== undefined && match !== null && (typeof match !== 'object' || Array.isArray(match))) {
    faults.push({ field: 'metadata_match', message: 'must be an object' })
  }
  const checked = {
    metadata: Object.entries(plain(match ?? {}) as Record<string, Json>),
    minSteps: steps('min_steps', min_steps),
    maxSteps: steps('max_steps', max_steps),
    since: instant('since', since),
    until: instant('until', until),
  }
  if (faults.length > 0) throw new ValidationError('Invalid filter', faults)
  return checked
}

/** Whether a trace fits. */
export function fits(
  { metadata, minSteps, maxSteps, since, until }: CheckedFilter,
  trace: { savedMicros: number; steps: number; metadata: unknown },
): boolean {
  if (minSteps !== undefined && trace.steps < minSteps) return false
  if (maxSteps !== undefined && trace.steps > maxSteps) return false
  if (since !== undefined && trace.savedMicros < since) return false
  if (until !== undefined && trace.savedMicros > until) return false
  if (metadata.length === 0) return true
  const stored = plain(trace.metadata ?? {}) as Record<string, Json>
  return metadata.every(([key, value]) => {
    const found = Object.hasOwn(stored, key) ? stored[key] : null
    return isDeepStrictEqual(found, value)
  })
}

/** A value as databases store it: text that every engine can hold, big integers as their strings, -0 as 0. */
export const plain = (value: unknown): unknown => JSON.parse(safeJson(value))
