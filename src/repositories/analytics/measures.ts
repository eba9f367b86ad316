import { type Column, type SQL, sql } from 'drizzle-orm'
import type { Tables } from '../../../schema/tables.ts'
import type { TokenColumn } from '../../../schema/tokens.ts'

/** The sum of a column or an expression; 0 of nothing. */
export const sum = (value: Column | SQL) => sql<number>`coalesce(sum(${value}), 0)`.mapWith(Number)

/** How many rows fulfil a condition. */
export const countIf = (condition: SQL) => sum(sql`case when ${condition} then 1 else 0 end`)

/**
 * A sum of fractions, exact up to 2^53 units: whole units are summed, for the sum of fractions depends on the order of
 * rows. They stay floats, which round a greater sum where a 64-bit integer has an end.
 *
 * @param unitsPerOne how fine: 1e9 for nano-dollars, 1e3 for microseconds of milliseconds
 */
export const sumOf = (value: Column | SQL, unitsPerOne: number) =>
  sum(sql`floor(${value} * ${sql.raw(String(unitsPerOne))} + 0.5)`)

const shares = {
  inputTokens: 'inputShare',
  outputTokens: 'outputShare',
  totalTokens: 'totalShare',
  cacheReadTokens: 'cacheReadShare',
  cacheCreationTokens: 'cacheCreationShare',
  reasoningTokens: 'reasoningShare',
  costUsd: 'costShare',
} as const satisfies Record<TokenColumn | 'costUsd', keyof Tables['spans']>

/** What counts of a column of a span's usage: other spans may report the same. */
export const counting = (spans: Tables['spans'], key: keyof typeof shares): SQL =>
  sql`coalesce(${spans[shares[key]]}, ${spans[key]})`

/** Parts of a dollar and of a millisecond that sums are exact to. */
export const nano = 1_000_000_000
export const micro = 1_000

/** Token sums, by kind. */
export interface TokenSums extends Readonly<Record<TokenColumn, number>> {
  /** All input tokens, cached ones among them. 0 where nothing reported any, as for the other sums. */
  readonly inputTokens: number
  /** All output tokens, reasoning among them. */
  readonly outputTokens: number
}

/** A measure, 0 of nothing. */
export const orZero = (value: SQL) => sql<number>`coalesce(${value}, 0)`.mapWith(Number)

/** A share or a mean, 0 of nothing. */
export const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
