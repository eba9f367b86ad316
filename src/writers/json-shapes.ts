import { maxRowBytes } from '../rows/limits.ts'

/** The shape that a JSON column's readers rely on. */
export interface JsonShape {
  /** In words that follow "must be". */
  readonly accepted: string
  /** @param json the column as it is stored */
  fits(json: string): boolean
}

/** Characters of a document that is kept to be compared. */
const mostRemembered = 1_000

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isAbsentOrObject = (value: unknown) => value === undefined || value === null || isObject(value)

const object: JsonShape = { accepted: 'an object', fits: (json) => json.startsWith('{') }

/** A shape that only the parsed document tells. The same one often comes again at once, and is not parsed again. */
function parsed(accepted: string, fits: (document: unknown) => boolean): JsonShape {
  let last = ''
  return {
    accepted,
    fits(json) {
      if (json === last) return true
      if (!fits(JSON.parse(json))) return false
      if (json.length <= mostRemembered) last = json
      return true
    },
  }
}

/** An object whose `attributes`, where there are such, are an object too. */
const withAttributes = parsed(
  'an object, and so must its attributes be',
  (document) => isObject(document) && isAbsentOrObject(document.attributes),
)
const entity: JsonShape = {
  ...withAttributes,
  // Hardly any has other attributes, and this is part of every row: a look at the text finds out.
  fits: (json) => json.startsWith('{"attributes":{') || withAttributes.fits(json),
}

const listOf = (accepted: string, isItem: (item: unknown) => boolean): JsonShape =>
  parsed(`a list of ${accepted}`, (document) => Array.isArray(document) && document.every(isItem))
const texts = listOf('strings', (item) => typeof item === 'string')
const objects = listOf('objects', isObject)

const shapes: Readonly<Record<string, JsonShape>> = {
  attributes: object,
  attributeTypes: object,
  metadata: object,
  dropped: object,
  contentKeys: object,
  buckets: object,
  resource: entity,
  scope: entity,
  tags: texts,
  finishReasons: texts,
  evaluations: objects,
  assertions: objects,
  exemplars: objects,
  quantiles: objects,
  links: listOf(
    'objects with a traceId and a spanId',
    (item) =>
      isObject(item) &&
      typeof item.traceId === 'string' &&
      typeof item.spanId === 'string' &&
      isAbsentOrObject(item.attributes),
  ),
}

/** The shape of a column; undefined where any JSON will do. */
export const jsonShapeOf = (key: string): JsonShape | undefined => shapes[key]

/**
 * Whether a value, or one of its members, is too large for a row for sure: it is refused before it is written as JSON.
 * What is large in sum is found afterwards.
 */
export function isTooLarge(value: unknown): boolean {
  if (isLargeItself(value)) return true
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  if (Array.isArray(value)) return value.length > maxRowBytes / 2 || value.some(isLargeItself)
  for (const key in value) if (isLargeItself((value as Record<string, unknown>)[key])) return true
  return false
}

const isLargeItself = (value: unknown) =>
  (typeof value === 'string' && value.length > maxRowBytes) ||
  // Bytes become at least two characters each.
  (ArrayBuffer.isView(value) && value.byteLength > maxRowBytes / 2)
