import { isObject, ShapeError } from '../shape-error.ts'

/** Objects and lists within each other; OTLP needs some six per nested value. */
const deepest = 700

/**
 * A document with its field names in camelCase, the default of protobuf's JSON mapping. All member names of an OTLP
 * document are field names: those that users choose are values (`{ "key": …, "value": … }`).
 */
export function camelCaseFields(value: unknown, depth = 0): unknown {
  if (depth > deepest) throw new ShapeError('', `is nested deeper than ${deepest} levels`)
  if (Array.isArray(value)) return value.map((each) => camelCaseFields(each, depth + 1))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      camelCaseFields(member, depth + 1),
    ]),
  )
}
