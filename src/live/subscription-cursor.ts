import { ValidationError } from '../errors.ts'

/** The position of a subscription: a cursor of `follow` for each table. */
export type TableCursors<E extends string> = Record<E, string>

const version = 1

/** Cursors of tables as one cursor, which a client keeps and hands back. */
export const encodeSubscriptionCursor = (cursors: Readonly<Record<string, string>>): string =>
  Buffer.from(JSON.stringify([version, 'subscribe', cursors])).toString('base64url')

/**
 * The cursors of the tables in a cursor of a subscription.
 *
 * @throws ValidationError when it is no cursor of a subscription to exactly these tables
 */
export function decodeSubscriptionCursor<E extends string>(entities: readonly E[], cursor: string): TableCursors<E> {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    parts = undefined
  }
  const [given, kind, cursors] = Array.isArray(parts) ? parts : []
  if (given !== version || kind !== 'subscribe' || typeof cursors !== 'object' || cursors === null) {
    throw fault('is not a cursor that a subscription returned')
  }
  const names = Object.keys(cursors)
  const fits = names.length === entities.length && entities.every((entity) => typeof cursors[entity] === 'string')
  if (!fits) throw fault(`is a cursor of a subscription to ${names.join(', ')}`)
  return cursors
}

const fault = (message: string) => new ValidationError('Invalid subscription', [{ field: 'after', message }])
