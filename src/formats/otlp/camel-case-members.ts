import type { Unknowns } from '../shape-error.ts'

/**
 * An object with the names of its own members in camelCase, the default of protobuf's JSON mapping; the same object
 * where they are. All member names of an OTLP document are field names: those that users choose are values
 * (`{ "key": …, "value": … }`).
 */
export function camelCaseMembers(object: Unknowns): Unknowns {
  for (const name in object) if (name.includes('_')) return renamed(object)
  return object
}

const renamed = (object: Unknowns): Unknowns =>
  Object.fromEntries(
    Object.entries(object).map(([name, member]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      member,
    ]),
  )
