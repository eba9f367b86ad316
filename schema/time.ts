/** Instants as the rows hold them: ISO-8601 in UTC with exactly six fractional digits, 1970 to 2255. */

const rowShape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/
const shape = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/

const zero = 48
const digits = (text: string, at: number) => (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero

/** Days that are remembered: a row has instants of its own day and of the day when it was written. */
const mostDays = 1_000

/** A function of a day that asks the calendar once for each. */
function ofDay<V>(ask: (day: number) => V): (day: number) => V {
  const known = new Map<number, V>()
  return (day) => {
    let answer = known.get(day)
    if (answer === undefined) {
      answer = ask(day)
      if (known.size >= mostDays) known.clear()
      known.set(day, answer)
    }
    return answer
  }
}

/** Microseconds since 1970 at the midnight that begins a day, given as 20261127; not a number where there is no such day. */
const microsOfDay = ofDay((day) => {
  const midnight = new Date(Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100))
  // Date.UTC takes 30 February for 2 March.
  const exists = midnight.toISOString().startsWith(`${day}`.replace(/(..)(..)$/, '-$1-$2'))
  return exists && midnight.getTime() >= 0 ? midnight.getTime() * 1000 : Number.NaN
})

/** Microseconds since 1970 of an instant in row format (up to nine fractional digits are read, floored to six). */
export function microsFromIso(iso: string): number {
  const match = iso.length === 27 ? undefined : shape.exec(iso)
  if (match === null || (match === undefined && !rowShape.test(iso))) return Number.NaN
  const hours = digits(iso, 11)
  const minutes = digits(iso, 14)
  const seconds = digits(iso, 17)
  if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN
  const fraction = match ? Number((match[3] ?? '').padEnd(6, '0').slice(0, 6)) : Number(iso.slice(20, 26))
  const day = (digits(iso, 0) * 100 + digits(iso, 2)) * 10_000 + digits(iso, 5) * 100 + digits(iso, 8)
  return microsOfDay(day) + ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction
}

const dayMicros = 86_400_000_000
const padded = (length: number) => Array.from({ length: 10 ** length }, (_, n) => String(n).padStart(length, '0'))
const [two, three] = [padded(2), padded(3)]
const dateOfDay = ofDay((day) => new Date(day * 86_400_000).toISOString().slice(0, 11))

/** The row format of an instant given in microseconds since 1970. */
export function isoFromMicros(micros: number): string {
  const day = Math.floor(micros / dayMicros)
  const rest = micros - day * dayMicros
  const seconds = Math.floor(rest / 1_000_000)
  const fraction = rest - seconds * 1_000_000
  const minutes = Math.floor(seconds / 60)
  const clock = `${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}:${two[seconds % 60]}`
  return `${dateOfDay(day)}${clock}.${three[Math.floor(fraction / 1000)]}${three[fraction % 1000]}Z`
}

/**
 * The row format of an instant as Postgres prints it: `2026-11-20 10:03:00.1+00`, trailing zeros dropped, in the
 * session's time zone. tracehold's own sessions are in UTC; an app's need not be.
 */
export function isoFromPostgresText(value: string): string {
  const iso = `${value.slice(0, 10)}T${value.slice(11, 19)}`
  if (value.endsWith('+00')) return `${iso}.${value.slice(20, -3).padEnd(6, '0')}Z`
  const rest = /^(?:\.(\d+))?([+-]\d{2}(?::\d{2})*)$/.exec(value.slice(19))
  const fraction = (rest?.[1] ?? '').padEnd(6, '0')
  const [hours = '0', minutes = '0', seconds = '0'] = (rest?.[2] ?? '').slice(1).split(':')
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  const sign = rest?.[2]?.startsWith('-') ? -1 : 1
  const shifted = new Date(Date.parse(`${iso}Z`) - sign * offset * 1000).toISOString().slice(0, 19)
  return `${shifted}.${fraction}Z`
}
