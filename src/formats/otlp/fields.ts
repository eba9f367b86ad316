import { microsFromIso } from '../../../schema/time.ts'
import type { DroppedCounts } from '../../../schema/values.ts'
import { isInstantMicros } from '../../rows/micros.ts'
import { absent, isObject, optionalCount, optionalText, ShapeError, type Unknowns } from '../shape-error.ts'
import { base64Of } from './bytes.ts'
import type { TypeNotes } from './type-notes.ts'

/** The text of a member; empty where there is none, or what it holds is no text. */
export const readText = (holder: Unknowns, member: string, notes: TypeNotes): string =>
  typeof holder[member] === 'string' ? holder[member] : notes.detail(member, '', () => optionalText(holder[member], ''))

/** The whole number of a member; 0 where there is none, or what it holds is none. */
export const readCount = (holder: Unknowns, member: string, notes: TypeNotes): number =>
  absent(holder[member]) ? 0 : notes.detail(member, 0, () => optionalCount(holder[member], ''))

/** The instant of a member in microseconds since 1970; 0 where there is none, or what it holds is none. */
export const readTime = (holder: Unknowns, member: string, notes: TypeNotes): number =>
  absent(holder[member]) ? 0 : notes.detail(member, 0, () => microsFromNanos(holder[member], ''))

/**
 * Nanoseconds since 1970, floored to microseconds; 0 where there are none. OTLP has unsigned 64-bit nanoseconds as a
 * decimal string or a number, some producers a fraction of one or the two halves `{ low, high }`, and the JavaScript SDK
 * in memory `[seconds, nanoseconds]`; tracehold keeps microseconds that a float holds exactly (until 2255).
 *
 * @throws ShapeError for what is no time, or is after 2255
 */
export function microsFromNanos(value: unknown, path: string): number {
  if (absent(value)) return 0
  const micros = microsOf(value)
  if (Number.isNaN(micros)) throw new ShapeError(path, 'is not a time in nanoseconds since 1970')
  if (!isInstantMicros(micros)) throw new ShapeError(path, 'is after the year 2255')
  return micros
}

function microsOf(value: unknown): number {
  if (typeof value === 'string') return microsOfDigits(value)
  if (typeof value === 'number') return microsOfNumber(value)
  if (Array.isArray(value)) return microsOfHrTime(value)
  if (!isObject(value)) return Number.NaN
  const { low, high } = value
  if (!Number.isInteger(low) || !Number.isInteger(high)) return Number.NaN
  // In two divisions, so that no step leaves what a float holds exactly. The halves may be signed.
  const upper = (high as number) >>> 0
  const thousands = Math.floor(upper / 1000)
  return thousands * 2 ** 32 + Math.floor(((upper % 1000) * 2 ** 32 + ((low as number) >>> 0)) / 1000)
}

function microsOfDigits(text: string): number {
  if (/^\d+$/.test(text)) return Number(text.slice(0, -3))
  const [, whole] = /^(\d+)\.\d*$/.exec(text) ?? []
  if (whole !== undefined) return Number(whole.slice(0, -3))
  // Floats in exponent form.
  return /^\d+(\.\d+)?e\+?\d+$/i.test(text) ? microsOfNumber(Number(text)) : Number.NaN
}

/** The SDK of JavaScript has times as `[seconds, nanoseconds]`: in memory they need no text. */
function microsOfHrTime([seconds, nanos, ...more]: readonly unknown[]): number {
  if (typeof seconds !== 'number' || typeof nanos !== 'number' || more.length > 0) return Number.NaN
  return Math.trunc(seconds) * 1_000_000 + Math.floor(Math.trunc(nanos) / 1000)
}

/** The largest error of today's nanoseconds as a float. Adding it keeps a whole microsecond. */
const floatError = 128n

function microsOfNumber(value: number): number {
  if (!Number.isFinite(value) || value < 0) return Number.NaN
  const nanos = Math.floor(value)
  return Number((BigInt(nanos) + (Number.isSafeInteger(nanos) ? 0n : floatError)) / 1000n)
}

/** The nanoseconds of an instant in row format, in decimal. */
export function nanosFromIso(iso: string): string {
  const micros = microsFromIso(iso)
  return micros === 0 ? '0' : `${micros}000`
}

/** Bytes of a trace's and of a span's id. */
export const traceIdBytes = 16
export const spanIdBytes = 8

/**
 * The id of a member in hex of lower case; empty where there is none, which zeros mean as well. Ids in base64, as
 * protobuf's generic JSON has them, and as lists of bytes are turned into hex; a text of another kind is kept as it is.
 */
export function readId(holder: Unknowns, member: string, bytes: number, notes: TypeNotes): string {
  const value = holder[member]
  if (absent(value)) return ''
  const text = typeof value === 'string' ? value : notes.detail(member, '', () => hexOf(base64Of(value, '')))
  if (/^[0-9a-f]+$/i.test(text)) return /[^0]/.test(text) ? text.toLowerCase() : ''
  const decoded = Buffer.from(text, 'base64')
  if (decoded.length !== bytes || decoded.toString('base64') !== text) return text
  notes.repair(member, 'is in base64: it is kept as hex')
  return decoded.some((byte) => byte !== 0) ? decoded.toString('hex') : ''
}

const hexOf = (base64: string) => Buffer.from(base64, 'base64').toString('hex')

/**
 * The number of an enum's member: a number, its digits, or its name with or without the prefix and in any case. 0 where
 * there is none, or what it holds is none.
 */
export function readEnum(
  holder: Unknowns,
  member: string,
  prefix: string,
  names: readonly string[],
  notes: TypeNotes,
): number {
  const value = holder[member]
  if (absent(value)) return 0
  if (typeof value === 'string') {
    const name = value.toUpperCase()
    const number = names.indexOf((name.startsWith(prefix) ? name.slice(prefix.length) : name).toLowerCase())
    if (number >= 0) return number
  }
  return notes.detail(member, 0, () => {
    const number = optionalCount(value, '')
    if (number < names.length) return number
    throw new ShapeError('', `is none of ${names.join(', ')}`)
  })
}

/** The counts of what the producer dropped; null where it dropped nothing. */
export function readDropped(span: Unknowns, notes: TypeNotes): DroppedCounts | null {
  const attributes = readCount(span, 'droppedAttributesCount', notes)
  const events = readCount(span, 'droppedEventsCount', notes)
  const links = readCount(span, 'droppedLinksCount', notes)
  if (attributes + events + links === 0) return null
  return { ...(attributes && { attributes }), ...(events && { events }), ...(links && { links }) }
}
