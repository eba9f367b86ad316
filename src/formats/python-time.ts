import { isoFromMicros } from '../../schema/time.ts'

const shape = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2}(?::?\d{2})?)?$/i

/**
 * Microseconds since 1970 of an instant as Python writes it (`2026-03-27T10:00:00.123456+00:00`, the fraction only
 * where there is one), or as others do (`…Z`). Without an offset it is in UTC. NaN for any other text.
 */
export function microsFromPython(text: string): number {
  const [, day = '', time = '', fraction = '', zone = 'Z'] = shape.exec(text) ?? []
  const seconds = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}Z`) / 1000
  const micros = Number(fraction.padEnd(6, '0').slice(0, 6))
  return (seconds - offsetSeconds(zone)) * 1_000_000 + micros
}

function offsetSeconds(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0
  const [hours = 0, minutes = 0, seconds = 0] = (zone.slice(1).match(/\d{2}/g) ?? []).map(Number)
  return (zone.startsWith('-') ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds)
}

/** An instant as Python's `datetime.isoformat()` writes it in UTC. */
export function pythonFromMicros(micros: number): string {
  const iso = isoFromMicros(micros)
  return `${iso.slice(0, 19)}${iso.endsWith('.000000Z') ? '' : iso.slice(19, 26)}+00:00`
}
