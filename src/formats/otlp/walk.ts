import type { AttributeTypes, Resource, Scope } from '../../../schema/values.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import {
  absent,
  optionalCount,
  optionalList,
  optionalObject,
  optionalText,
  requiredObject,
  ShapeError,
  type Unknowns,
} from '../shape-error.ts'
import { camelCaseFields } from './camel-case-fields.ts'
import { readAttributes } from './read-value.ts'
import type { Origin } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'

/** What the lists of a signal are called: `resourceSpans`, in them `scopeSpans`, in them `spans`. */
export interface SignalNames {
  readonly top: 'resourceSpans' | 'resourceLogs' | 'resourceMetrics'
  readonly scoped: 'scopeSpans' | 'scopeLogs' | 'scopeMetrics'
  readonly items: 'spans' | 'logRecords' | 'metrics'
}

/**
 * Reads one item (a span, a log record, a metric) into the result.
 *
 * @param types what plain JSON cannot tell of the origin; each row that is made begins with it
 */
export type ReadItem = (item: unknown, origin: Origin, types: AttributeTypes | null, path: string) => void

/**
 * Walks through one OTLP/JSON request of any signal. The smallest part that has a wrong shape is left out and listed in
 * `rejected`.
 *
 * @param document the parsed JSON
 */
export function walkOtlp(
  document: unknown,
  { top, scoped, items }: SignalNames,
  readerOf: (result: ReadResult) => ReadItem,
): ReadResult {
  const result = emptyResult()
  const read = readerOf(result)
  attempt(result, '', () => {
    const given = requiredObject(document, '')
    const isSnake = !absent(given[top.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)])
    const request = isSnake ? requiredObject(camelCaseFields(given), '') : given
    forEach(result, request[top], top, (each, path) => {
      const holder = requiredObject(each, '')
      const notes = new TypeNotes()
      const resource = readOrigin(holder, 'resource', notes)
      const resourceTypes = notes.types
      forEach(result, holder[scoped], `${path}.${scoped}`, (inner, scopePath) => {
        const scopeHolder = requiredObject(inner, '')
        const scopeNotes = new TypeNotes()
        scopeNotes.addAll(resourceTypes)
        const origin: Origin = { resource, scope: readOrigin(scopeHolder, 'scope', scopeNotes) }
        forEach(result, scopeHolder[items], `${scopePath}.${items}`, (item, itemPath) =>
          read(item, origin, scopeNotes.types, itemPath),
        )
      })
    })
  })
  return result
}

/** Reads every item of a list; an item of a wrong shape is rejected alone. */
export function forEach(
  result: ReadResult,
  value: unknown,
  path: string,
  read: (item: unknown, path: string) => void,
): void {
  let items: readonly unknown[] = []
  attempt(result, '', () => {
    items = optionalList(value, path)
  })
  items.forEach((item, i) => {
    const itemPath = `${path}[${i}]`
    attempt(result, itemPath, () => read(item, itemPath))
  })
}

function attempt(result: ReadResult, path: string, read: () => void): void {
  try {
    read()
  } catch (error) {
    result.rejected.push(ShapeError.rejection(error, path))
  }
}

/** The resource or the scope of some items, with its schema URL; null where both are empty. */
function readOrigin(holder: Unknowns, member: 'resource' | 'scope', notes: TypeNotes): (Resource & Scope) | null {
  const schemaUrl = optionalText(holder.schemaUrl, 'schemaUrl')
  const origin = optionalObject(holder[member], member)
  try {
    const attributes = readAttributes(origin.attributes, 'attributes', `/${member}/attributes`, notes)
    const droppedAttributesCount = optionalCount(origin.droppedAttributesCount, 'droppedAttributesCount')
    // Only a scope has these fields; a resource has attributes for them.
    const name = member === 'scope' ? optionalText(origin.name, 'name') : ''
    const version = member === 'scope' ? optionalText(origin.version, 'version') : ''
    const found = {
      ...(name && { name }),
      ...(version && { version }),
      ...(Object.keys(attributes).length > 0 && { attributes }),
      ...(droppedAttributesCount && { droppedAttributesCount }),
      ...(schemaUrl && { schemaUrl }),
    }
    return Object.keys(found).length > 0 ? found : null
  } catch (error) {
    ShapeError.rethrow(error, member)
  }
}
