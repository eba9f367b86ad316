import { InvalidArgumentError } from 'commander'

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
type Unit = keyof typeof unitMs

const ago = /^(\d+)([mhdw])$/
const date = /^\d{4}-\d{2}-\d{2}$/
const time = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/
/** What a filter takes as it is, to the microsecond. */
const exact = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/

/**
 * An instant as people write it: `7d` (that long ago), `2026-11-01` or `2026-11-01T10:30`, in local time unless a zone
 * is given.
 *
 * @throws InvalidArgumentError when it is none of these
 */
export function parseInstant(text: string, now = Date.now()): Date | string {
  const [, amount, unit] = ago.exec(text) ?? []
  const instant = unit === undefined ? parseMoment(text) : new Date(now - Number(amount) * unitMs[unit as Unit])
  if (instant.getTime() >= 0) return exact.test(text) ? text : instant
  throw new InvalidArgumentError('Write 7d, 24h or 30m (that long ago), 2026-11-01, or 2026-11-01T10:30.')
}

function parseMoment(text: string): Date {
  // Without a time JavaScript would read the date in UTC; lists show local time, so that is what is meant.
  if (date.test(text)) return new Date(`${text}T00:00`)
  return new Date(time.test(text) ? text.replace(' ', 'T') : Number.NaN)
}
