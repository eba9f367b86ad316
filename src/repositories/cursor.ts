import { ValidationError } from '../errors.ts'

/** The version of the form; a cursor of another version is refused. */
const version = 1

/** Where a page ended: the values of the order's columns in its last row. The id comes last. */
export type CursorKeys = readonly (string | number | null)[]

/** A cursor as text that a client may keep and hand back: base64url of version, order and keys. */
export function encodeCursor(order: string, keys: CursorKeys): string {
  return Buffer.from(JSON.stringify([version, order, ...keys])).toString('base64url')
}

/**
 * The keys in a cursor.
 *
 * @throws ValidationError when it is no cursor, or one of another order
 */
export function decodeCursor(order: string, cursor: string, length: number): CursorKeys {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    parts = undefined
  }
  if (!Array.isArray(parts) || parts[0] !== version || parts.length !== length + 2 || !parts.slice(2).every(isKey)) {
    throw new ValidationError('Invalid page', [{ field: 'after', message: 'is not a cursor that a list returned' }])
  }
  if (parts[1] !== order) {
    throw new ValidationError('Invalid page', [
      { field: 'after', message: `is a cursor of the order '${parts[1]}', and this list is in the order '${order}'` },
    ])
  }
  return parts.slice(2)
}

const isKey = (value: unknown) => value === null || typeof value === 'string' || typeof value === 'number'
