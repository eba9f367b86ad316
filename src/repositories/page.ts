import { ValidationError } from '../errors.ts'

/** What every list takes. */
export interface PageOptions {
  /** Items of a page, 1 to 1000. @default 50 */
  limit?: number | undefined
  /** The cursor of the page before: the list goes on after it. */
  after?: string | undefined
}

/** A part of a list. */
export interface Page<T> {
  readonly items: T[]
  /** Hand it back as `after` for the next page; undefined on the last one. */
  readonly cursor: string | undefined
}

const most = 1000

/** @throws ValidationError unless the limit is an integer from 1 to 1000 */
export function checkedLimit(limit = 50): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit
  throw new ValidationError('Invalid page', [{ field: 'limit', message: `must be an integer from 1 to ${most}` }])
}

/** A page from one row more than it holds, which tells whether there is another. */
export function pageOf<T>(rows: T[], limit: number, cursor: (last: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, cursor: rows.length > limit && last !== undefined ? cursor(last) : undefined }
}
