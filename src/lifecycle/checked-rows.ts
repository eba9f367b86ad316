import { ValidationError } from '../errors.ts'

/**
 * A number of rows that an option gives.
 *
 * @throws ValidationError for one that is none, or 0
 */
export function checkedRows(field: string, rows: number): number {
  if (Number.isSafeInteger(rows) && rows >= 1) return rows
  throw new ValidationError('Invalid option', [{ field, message: 'must be a whole number, 1 or more' }])
}
