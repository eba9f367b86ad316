import { ValidationError } from '../errors.ts'

/** Where a subscription is, by table: cursors of `follow`. */
export type Places<E extends string> = Record<E, string>

const version = 1

/** Places as one cursor that a client may keep and hand back. */
export const encodePlaces = (places: Readonly<Record<string, string>>): string =>
  Buffer.from(JSON.stringify([version, 'subscribe', places])).toString('base64url')

/**
 * The places in a cursor.
 *
 * @throws ValidationError when it is no cursor of a subscription to exactly these tables
 */
export function decodePlaces<E extends string>(entities: readonly E[], cursor: string): Places<E> {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    parts = undefined
  }
  const [given, kind, places] = Array.isArray(parts) ? parts : []
  if (given !== version || kind !== 'subscribe' || typeof places !== 'object' || places === null) {
    throw fault('is not a cursor that a subscription returned')
  }
  const names = Object.keys(places)
  const fits = names.length === entities.length && entities.every((entity) => typeof places[entity] === 'string')
  if (!fits) throw fault(`is a cursor of a subscription to ${names.join(', ')}`)
  return places
}

const fault = (message: string) => new ValidationError('Invalid subscription', [{ field: 'after', message }])
