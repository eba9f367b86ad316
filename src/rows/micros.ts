import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { maxMicros } from './limits.ts'

/**
 * An instant that a format has read already, in whole microseconds since 1970. It reaches the sink without being
 * formatted as text. Callers of writers give text or a `Date`: a bare number could be milliseconds.
 */
export class Micros {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  /** The instant in row format. */
  toJSON(): string {
    return isoFromMicros(this.value)
  }
}

/** An instant, or null. */
export const microsOrNull = (value: number | null): Micros | null => (value === null ? null : new Micros(value))

/** Microseconds since 1970 of an instant as writers and filters take it; NaN for anything else. */
export function microsOf(value: unknown): number {
  if (value instanceof Micros) return value.value
  if (typeof value === 'string') return microsFromIso(value)
  return value instanceof Date ? value.getTime() * 1000 : Number.NaN
}

/** Whether a number of microseconds since 1970 is an instant that rows hold. */
export const isInstantMicros = (micros: number): boolean => micros >= 0 && micros <= maxMicros
