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
  const [given, givenOrder, ...keys]: unknown[] = Array.isArray(parts) ? parts : []
  if (given !== version || typeof givenOrder !== 'string' || keys.length !== length || !keys.every(isKey)) {
    throw new ValidationError('Invalid page', [{ field: 'after', message: 'is not a cursor that a list returned' }])
  }
  if (givenOrder !== order) {
    throw new ValidationError('Invalid page', [
      { field: 'after', message: `is a cursor of the order '${givenOrder}', and this list is in the order '${order}'` },
    ])
  }
  return keys
}

// No id that is stored has a NUL in it, and PostgreSQL refuses a text with one.
const isKey = (value: unknown): value is CursorKeys[number] =>
  value === null || typeof value === 'number' || (typeof value === 'string' && !value.includes('\0'))
