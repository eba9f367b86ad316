import { isoFromMicros, microsFromIso } from '../../../schema/time.ts'
import type { BucketUnit } from '../../engines/dialect.ts'
import type { ReadOptions } from '../../engines/pool.ts'
import { ValidationError } from '../../errors.ts'
import type { Instant } from '../../rows/records.ts'
import { compareUtf8 } from '../../text/compare-utf8.ts'
import { checkedInstant } from '../filters/values.ts'
import { readError } from '../read-options.ts'
import type { ReadScope } from '../read-scope.ts'
import { bucketStartMicros, bucketStarts, checkedUnit } from './buckets.ts'
import { type AttributeDimension, checkedDimensions } from './dimensions.ts'
import { GroupKeys, type KeysOf, type Measured } from './keys.ts'

/** How analytics are grouped. */
export interface GroupOptions<
  D extends string = never,
  B extends BucketUnit | undefined = undefined,
  C extends boolean | undefined = undefined,
> extends ReadOptions {
  /** The names to group by. @default [], which is one group of all */
  by?: readonly D[] | undefined
  /** Groups by time as well: buckets in UTC, by start. A week starts on Monday. */
  bucket?: B | undefined
  /**
   * Adds buckets without data, as zeros: from `since` to `until` where these are given, else from the first bucket
   * with data to the last. At most 10 000 buckets, and 100 000 groups when they are filled: each name has a group in
   * every bucket.
   * @default false
   */
  fill?: boolean | undefined
  /**
   * Adds what the period before measured, as `previous`: the same length, ending where this one starts. It needs
   * `since`; `until` is now unless given. Buckets stand beside those that begin as long after the period's start.
   * @default false
   */
  compare?: C | undefined
}

/** One group: the names grouped by (null where there is none), its bucket, and what was measured. */
export type Group<
  M,
  D extends string = never,
  B extends BucketUnit | undefined = undefined,
  C extends boolean | undefined = undefined,
> = M & { readonly [K in D]: string | null } & (B extends BucketUnit
    ? {
        /** The bucket's start, as `2026-11-20T10:00:00.000000Z`. */
        readonly bucket: string
      }
    : unknown) &
  (C extends true
    ? {
        /** The same of the period before. */
        readonly previous: M
      }
    : unknown)

/** What is measured, and how. */
export interface Measurement<M, F, D extends string> {
  /** What is being done, in words that go into the message of an error. */
  readonly during: string
  /** The names that can be grouped by, and the columns that they mean. */
  readonly dimensions: Readonly<Record<Exclude<D, AttributeDimension>, string>>
  /** Whether names of attributes can be grouped by as well. @default false */
  readonly hasAttributes?: boolean
  /** The measures of nothing. */
  readonly zeros: M
  /** Reads the groups of a filter. */
  readonly read: (scope: ReadScope, filter: F, keysOf: KeysOf) => Promise<Measured<M>[]>
}

/** How many groups one call may fill: names times buckets. */
const mostFilled = 100_000

/** What part of time a filter finds. */
export type Period = { since?: Instant | undefined; until?: Instant | undefined }

/** Parts what a caller gives in one object: how to group, and what. */
export function splitGroupOptions<F, D extends string, B extends BucketUnit | undefined, C extends boolean | undefined>(
  options: F & GroupOptions<D, B, C>,
): [GroupOptions<D, B, C>, F] {
  const { by, bucket, fill, compare, signal: _, statementTimeoutMs: __, ...filter } = options
  // No filter has a field of these names.
  return [{ by, bucket, fill, compare }, filter as F]
}

/**
 * Measures groups: in the order of their names (by bytes, null last), then of time.
 *
 * @throws ValidationError for an invalid name, filter or option
 */
export async function measureGroups<
  M,
  F extends Period,
  D extends string,
  B extends BucketUnit | undefined,
  C extends boolean | undefined,
>(
  scope: ReadScope,
  { during, dimensions, hasAttributes, zeros, read }: Measurement<M, F, D>,
  { by = [], bucket, fill, compare }: GroupOptions<D, B, C>,
  filter: F,
): Promise<Group<M, D, B, C>[]> {
  const names = checkedDimensions(dimensions, by, hasAttributes)
  const unit = checkedUnit(bucket)
  const readAt = async (period: Period, movedByMicros: number) => {
    const keysOf: KeysOf = (table) => new GroupKeys(scope.pool.dialect, table, names, unit, movedByMicros)
    try {
      return await read(scope, { ...filter, ...period }, keysOf)
    } catch (error) {
      throw readError(error, during, scope.signal)
    }
  }
  const period = compare ? comparedPeriod(filter) : filter
  const current = await readAt(period, 0)
  const found = new Map(current.map((group) => [keyOf(group.key), { ...group, previous: zeros }]))
  if (compare) {
    const { before, lengthMicros } = periodBefore(period)
    for (const { key, measures } of await readAt(before, lengthMicros)) {
      const text = keyOf(key)
      found.set(text, { key, measures: found.get(text)?.measures ?? zeros, previous: measures })
    }
  }
  if (fill && unit !== undefined) {
    for (const key of missingKeys(
      [...found.values()].map((group) => group.key),
      by.length > 0,
      unit,
      period,
    )) {
      const text = keyOf(key)
      if (!found.has(text)) found.set(text, { key, measures: zeros, previous: zeros })
    }
  }
  const groups = [...found.values()].sort((a, b) => compareKeys(a.key, b.key))
  // Which keys a group has follows from the options, which types of values do not tell. Spreading several objects into
  // one takes V8 some twenty times as long.
  return groups.map(
    ({ key, measures, previous }) => Object.assign({}, key, measures, compare && { previous }) as unknown,
  ) as Group<M, D, B, C>[]
}

/** A bucket for every group and every moment of the period. */
function* missingKeys(
  keys: readonly Measured<unknown>['key'][],
  isNamed: boolean,
  unit: BucketUnit,
  { since, until }: Period,
): Generator<Measured<unknown>['key']> {
  const buckets = keys.map((key) => bucketStartMicros(String(key.bucket))).sort((a, b) => a - b)
  const [first, last] = [buckets[0], buckets.at(-1)]
  const from = since === undefined ? first : microsFromIso(checkedInstant(since, 'since'))
  // The last bucket with data is part of the range, which ends just after its start.
  const to = until === undefined ? last : microsFromIso(checkedInstant(until, 'until')) - 1
  if (from === undefined || to === undefined) return
  const starts = bucketStarts(unit, from, to + 1)
  const names = new Map(keys.map(({ bucket, ...rest }) => [keyOf(rest), rest]))
  if (!isNamed) names.set(keyOf({}), {})
  if (names.size * starts.length > mostFilled) {
    const message = `would make ${names.size * starts.length} groups, and at most ${mostFilled} are made: take a larger unit, a shorter range or fewer names`
    throw new ValidationError('Invalid analytics', [{ field: 'fill', message }])
  }
  for (const rest of names.values()) for (const bucket of starts) yield { ...rest, bucket }
}

function comparedPeriod({ since, until = new Date() }: Period): { since: string; until: string } {
  if (since === undefined) {
    throw new ValidationError('Invalid analytics', [
      { field: 'compare', message: 'needs since: where the period starts' },
    ])
  }
  const period = { since: checkedInstant(since, 'since'), until: checkedInstant(until, 'until') }
  if (period.since < period.until) return period
  throw new ValidationError('Invalid analytics', [{ field: 'until', message: 'must be after since' }])
}

function periodBefore({ since, until }: Period): { before: Period; lengthMicros: number } {
  const [from, to] = [microsFromIso(String(since)), microsFromIso(String(until))]
  const lengthMicros = to - from
  return {
    before: { since: isoFromMicros(Math.max(0, from - lengthMicros)), until: isoFromMicros(from) },
    lengthMicros,
  }
}

const keyOf = (key: Measured<unknown>['key']) => JSON.stringify(key)

function compareKeys(a: Measured<unknown>['key'], b: Measured<unknown>['key']): number {
  for (const name of Object.keys(a)) {
    const [left = null, right = null] = [a[name], b[name]]
    if (left === right) continue
    if (left === null) return 1
    if (right === null) return -1
    return compareUtf8(left, right)
  }
  return 0
}
