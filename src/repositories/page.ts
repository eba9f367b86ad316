import { setImmediate } from 'node:timers/promises'
import { ValidationError } from '../errors.ts'
import type { OrderOptions } from './order.ts'

/** What every list takes. */
export interface PageOptions extends OrderOptions {
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

/** How a stream reads. */
export interface StreamOptions extends OrderOptions {
  /** The cursor after which it begins. */
  after?: string | undefined
  /** Rows read at once, 1 to 1000: what the stream holds in memory. @default 500 */
  batch?: number | undefined
  /** Ends the stream with the signal's reason. */
  signal?: AbortSignal | undefined
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

/** A page from one row more than it holds, which tells whether there is another. */
export function pageOf<T>(rows: T[], limit: number, cursor: (last: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, cursor: rows.length > limit && last !== undefined ? cursor(last) : undefined }
}

/** Every item of a list, a page at a time. */
export async function* streamPages<T>(
  page: (limit: number, after: string | undefined) => Promise<Page<T>>,
  { after, batch = 500, signal }: Pick<StreamOptions, 'after' | 'batch' | 'signal'>,
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
