import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../../schema/values.ts'
import { maxCostUsd, maxDurationMs, maxIdLength, maxInt, maxJsonLevels, maxMicros, maxTokens } from '../rows/limits.ts'
import { isInstantMicros } from '../rows/micros.ts'
import { safeJson } from '../text/safe-json.ts'

/**
 * Converts values of documents to values of columns. The document is kept whole, so a value that no column can hold is
 * left out of the rows and not lost.
 */

const upTo = (value: unknown, limit: number): number | null =>
  typeof value === 'number' && value >= 0 && value <= limit ? value : null

const wholeUpTo = (value: unknown, limit: number) => (Number.isInteger(value) ? upTo(value, limit) : null)

/** A number of tokens, else null. */
export const countOf = (value: unknown): number | null => wholeUpTo(value, maxTokens)

/** A position in a sequence, else null. */
export const positionOf = (value: unknown): number | null => wholeUpTo(value, maxInt)

/** Milliseconds, else null. */
export const durationOf = (value: unknown): number | null => upTo(value, maxDurationMs)

/** Dollars, else null. */
export const costOf = (value: unknown): number | null => upTo(value, maxCostUsd)

/** A text, else null. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** A text that fits in the column of an id, else null. */
export const idOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= maxIdLength ? value : null

/** Microseconds of a time in seconds, where rows can hold it. */
export function microsOfSeconds(value: unknown): number | undefined {
  const micros = typeof value === 'number' ? Math.round(value * 1_000_000) : Number.NaN
  return isInstantMicros(micros) ? micros : undefined
}

/** The end of what began at `start` and took some milliseconds. */
export const endOf = (start: number, durationMs: unknown): number =>
  Math.min(maxMicros, start + Math.round((durationOf(durationMs) ?? 0) * 1000))

/** The id of a span, from its path in a document: always the same for the same path. */
export const spanIdOf = (...path: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(path)).digest('hex').slice(0, 16)

/** Levels of a value, below those of its column. */
const valueLevels = maxJsonLevels - 10

const isDeep = (value: unknown, levels = valueLevels): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((part) => isDeep(part, levels - 1)))

/** A document as its column takes it, else null. */
export const jsonOf = (value: unknown): Json => (isDeep(value) ? null : ((value ?? null) as Json))

/** The members that a column takes. */
export const membersOf = (members: object): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => !isDeep(value)))

/** The members that a column takes and that are not undefined or null. */
export const withoutNulls = (members: Record<string, unknown>): JsonObject =>
  Object.fromEntries(Object.entries(membersOf(members)).filter(([, value]) => value !== undefined && value !== null))

/** Columns that a document's metadata may fill. */
export function columnsOfMetadata(metadata: unknown) {
  const given = typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>) : {}
  return {
    agentName: idOf(given.agent_name),
    sessionId: idOf(given.session_id),
    userId: idOf(given.user_id),
    environment: idOf(given.environment),
  }
}

/** The sum of durations as its column takes it. */
export const totalOf = (totalMs: number): number => Math.min(totalMs, maxDurationMs)

/** A document's metadata as its column takes it, and whether that changed it. */
export function metadataColumn(metadata: unknown): { metadata: JsonObject; isAwkward: boolean } {
  const given = metadata ?? {}
  const plain = JSON.parse(safeJson(membersOf(given))) as JsonObject
  return { metadata: plain, isAwkward: !isDeepStrictEqual(plain, given) }
}
