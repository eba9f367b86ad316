import { isInstantMicros } from '../../rows/limits.ts'
import { absent, Misfit } from '../shape-error.ts'

/**
 * Nanoseconds since 1970, a decimal string or a number, floored to microseconds; 0 where there are none. OTLP has
 * unsigned 64-bit nanoseconds, tracehold keeps microseconds that a float holds exactly (until 2255).
 */
export function microsFromNanos(value: unknown, path: string): number {
  if (absent(value)) return 0
  const micros = typeof value === 'string' ? microsOfDigits(value) : microsOfNumber(value)
  if (Number.isNaN(micros)) throw new Misfit(path, 'is not a time in nanoseconds since 1970')
  if (!isInstantMicros(micros)) throw new Misfit(path, 'is after the year 2255')
  return micros
}

const microsOfDigits = (text: string) => (/^\d+$/.test(text) ? Number(text.slice(0, -3)) : Number.NaN)

/** Today's nanoseconds as a float are off by up to so many; added, so that a whole microsecond stays one. */
const floatError = 128n

function microsOfNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return Number.NaN
  return Number((BigInt(value) + (Number.isSafeInteger(value) ? 0n : floatError)) / 1000n)
}

/** The nanoseconds of an instant in microseconds, in decimal. */
export const nanosFromMicros = (micros: number): string => (micros === 0 ? '0' : `${micros}000`)
