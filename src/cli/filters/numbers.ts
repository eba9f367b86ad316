import { InvalidArgumentError } from 'commander'

const unitMs = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const duration = /^(?<amount>\d+(\.\d+)?)\s*(?<unit>ms|s|m|h|)$/

function readDuration(written: string): number {
  const { amount, unit } = duration.exec(written)?.groups ?? {}
  if (amount === undefined) throw new InvalidArgumentError('Write 500ms, 2s, 1.5m or 1h.')
  return Number(amount) * unitMs[unit as keyof typeof unitMs]
}

function readNumber(written: string): number {
  const number = written.trim() === '' ? Number.NaN : Number(written.replaceAll('_', ''))
  if (Number.isFinite(number)) return number
  throw new InvalidArgumentError('It must be a number.')
}

/** How the number of an option is shown and read. */
export const asDuration = ['duration', readDuration] as const
export const asCount = ['count', readNumber] as const
export const asDollars = ['dollars', readNumber] as const
