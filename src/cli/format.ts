import { microsFromIso } from '../../schema/time.ts'
import type { BucketUnit } from '../engines/dialect.ts'

/** Shown for a missing value. */
export const none = '–'

/** A count with separators: `3,231,122`. */
export const formatCount = (count: number | null): string => (count === null ? none : count.toLocaleString('en-US'))

/** Tokens in and out: `6,228 → 36`. */
export function formatTokens(tokens: { inputTokens: number | null; outputTokens: number | null }): string {
  const { inputTokens, outputTokens } = tokens
  if (inputTokens === null && outputTokens === null) return none
  return `${formatCount(inputTokens ?? 0)} → ${formatCount(outputTokens ?? 0)}`
}

/** A duration as short as it stays exact enough: `0.4 ms`, `850 ms`, `12.3 s`, `2m 05s`, `1h 02m`. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return none
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

/** US dollars: to the cent from one dollar on, to a hundredth of a cent below. */
export function formatDollars(dollars: number | null): string {
  if (dollars === null) return none
  if (dollars === 0) return '$0'
  if (dollars < 0.00005) return '<$0.0001'
  const digits = dollars < 0.99995 ? 4 : 2
  return `$${dollars.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`
}

/** Bytes: `512 B`, `3.1 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length)
  const amount = bytes / 1000 ** power
  return `${amount.toFixed(amount < 9.95 ? 1 : 0)} ${units[power - 1]}`
}

/** An instant in local time, to the minute; the year only where it is not this one. */
export function formatShortTime(iso: string, now = new Date()): string {
  const at = dateOf(iso)
  const year = at.getFullYear() === now.getFullYear() ? '' : `${at.getFullYear()}-`
  return `${year}${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The start of a bucket, in UTC as buckets are, as short as its unit allows: `2026-11`, `2026-11-20`, `2026-11-20 10:00`. */
export function formatBucket(iso: string, unit: BucketUnit): string {
  if (unit === 'month') return iso.slice(0, 7)
  return unit === 'day' || unit === 'week' ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' ')
}

/** An instant in local time, to the millisecond: `2026-11-20 16:26:48.591 +01:00`. */
export function formatTime(iso: string): string {
  const at = dateOf(iso)
  const offset = -at.getTimezoneOffset()
  const local = new Date(at.getTime() + offset * 60_000).toISOString()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  return `${local.slice(0, 10)} ${local.slice(11, 23)} ${zone}`
}

const dateOf = (iso: string) => new Date(microsFromIso(iso) / 1000)

/** `1 span`, `2 spans`. */
export const formatNumberOf = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

const two = (value: number) => String(value).padStart(2, '0')
