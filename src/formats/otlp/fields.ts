import { microsFromIso } from '../../../schema/time.ts'
import type { DroppedCounts } from '../../../schema/values.ts'
import { isInstantMicros } from '../../rows/micros.ts'
import { absent, optionalCount, ShapeError } from '../shape-error.ts'

/**
 * Nanoseconds since 1970, a decimal string or a number, floored to microseconds; 0 where there are none. OTLP has
 * unsigned 64-bit nanoseconds, tracehold keeps microseconds that a float holds exactly (until 2255).
 */
export function microsFromNanos(value: unknown, path: string): number {
  if (absent(value)) return 0
  const micros = typeof value === 'string' ? microsOfDigits(value) : microsOfNumber(value)
  if (Number.isNaN(micros)) throw new ShapeError(path, 'is not a time in nanoseconds since 1970')
  if (!isInstantMicros(micros)) throw new ShapeError(path, 'is after the year 2255')
  return micros
}

const microsOfDigits = (text: string) => (/^\d+$/.test(text) ? Number(text.slice(0, -3)) : Number.NaN)

/** The largest error of today's nanoseconds as a float. Adding it keeps a whole microsecond. */
const floatError = 128n

function microsOfNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return Number.NaN
  return Number((BigInt(value) + (Number.isSafeInteger(value) ? 0n : floatError)) / 1000n)
}

/** The nanoseconds of an instant in row format, in decimal. */
export function nanosFromIso(iso: string): string {
  const micros = microsFromIso(iso)
  return micros === 0 ? '0' : `${micros}000`
}

/** Ids are hex in any case; an id of another kind is kept as it is. */
export const lowerHex = (id: string) => (/^[0-9a-f]+$/i.test(id) ? id.toLowerCase() : id)

/** An enum's number, given as it or by its protobuf name. */
export function enumNumber(value: unknown, prefix: string, names: readonly string[], path: string): number {
  if (absent(value)) return 0
  if (typeof value === 'string' && value.startsWith(prefix)) {
    const number = names.indexOf(value.slice(prefix.length).toLowerCase())
    if (number >= 0) return number
  }
  return optionalCount(value, path)
}

/** The counts of what the producer dropped; null where it dropped nothing. */
export function readDropped(attributeCount: unknown, eventCount: unknown, linkCount: unknown): DroppedCounts | null {
  const attributes = optionalCount(attributeCount, 'droppedAttributesCount')
  const events = optionalCount(eventCount, 'droppedEventsCount')
  const links = optionalCount(linkCount, 'droppedLinksCount')
  if (attributes + events + links === 0) return null
  return { ...(attributes && { attributes }), ...(events && { events }), ...(links && { links }) }
}
