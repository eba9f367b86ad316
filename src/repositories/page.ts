import { setImmediate } from 'node:timers/promises'
import type { ReadOptions } from '../engines/pool.ts'
import { ValidationError } from '../errors.ts'
import type { OrderOptions } from './order.ts'

/** What every list takes. `O` names the orders that it has. */
export interface PageOptions<O extends string> extends OrderOptions<O>, ReadOptions {
  /** Items of a page, 1 to 1000. @default 50 */
  limit?: number | undefined
  /** The cursor of the page before: the list goes on after it. */
  after?: string | undefined
  /**
   * Items to leave out first, up to 1 000 000. The engine reads what it leaves out: cursors stay fast at any depth, an
   * offset does not. @default 0
   */
  offset?: number | undefined
}

/** A part of a list. */
export interface Page<T> {
  readonly items: T[]
  /** Hand it back as `after` for the next page; undefined on the last one. */
  readonly cursor: string | undefined
}

/** How a stream reads. `O` names the orders that it has. */
export interface StreamOptions<O extends string> extends OrderOptions<O>, ReadOptions {
  /** The cursor after which it begins. */
  after?: string | undefined
  /** Rows read at once, 1 to 1000: what the stream holds in memory. @default 500 */
  batch?: number | undefined
}

/** Parts what a caller gives in one object: which rows, and which page of them. */
export function splitPageOptions<F, O extends string>({
  limit,
  after,
  offset,
  orderBy,
  direction,
  signal,
  statementTimeoutMs,
  ...filter
}: F & PageOptions<O>): [F, PageOptions<O>] {
  // No filter has a field of these names.
  return [filter as F, { limit, after, offset, orderBy, direction, signal, statementTimeoutMs }]
}

/** Parts what a caller gives in one object: which rows, and how to read them. */
export function splitStreamOptions<F, O extends string>({
  after,
  orderBy,
  direction,
  batch,
  signal,
  statementTimeoutMs,
  ...filter
}: F & StreamOptions<O>): [F, StreamOptions<O>] {
  return [filter as F, { after, orderBy, direction, batch, signal, statementTimeoutMs }]
}

const most = 1000
const mostOffset = 1_000_000

/** @throws ValidationError unless the limit is an integer from 1 to 1000 */
export function checkedLimit(limit = 50, field = 'limit'): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit
  throw new ValidationError('Invalid page', [{ field, message: `must be an integer from 1 to ${most}` }])
}

/** @throws ValidationError unless the offset is an integer from 0 to 1 000 000 */
export function checkedOffset(offset = 0): number {
  if (Number.isInteger(offset) && offset >= 0 && offset <= mostOffset) return offset
  throw new ValidationError('Invalid page', [
    { field: 'offset', message: `must be an integer from 0 to ${mostOffset}` },
  ])
}

/** A page from one row more than it holds, which shows whether there is another. */
export function pageOf<T>(rows: T[], limit: number, cursor: (last: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, cursor: rows.length > limit && last !== undefined ? cursor(last) : undefined }
}

/** Every item of a list, a page at a time. */
export async function* streamPages<T>(
  page: (limit: number, after: string | undefined) => Promise<Page<T>>,
  { after, batch = 500, signal }: Pick<StreamOptions<never>, 'after' | 'batch' | 'signal'>,
): AsyncGenerator<T, void, undefined> {
  const limit = checkedLimit(batch, 'batch')
  let cursor = after
  do {
    signal?.throwIfAborted()
    const { items, cursor: next } = await page(limit, cursor)
    yield* items
    cursor = next
    // SQLite answers without waiting: between two pages others get their turn.
    await setImmediate()
  } while (cursor !== undefined)
}
