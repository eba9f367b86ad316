import type { Resource, Scope } from '../../../schema/values.ts'
import {
  absent,
  Misfit,
  optionalCount,
  optionalList,
  optionalObject,
  optionalText,
  requiredObject,
  type Unknowns,
} from '../misfit.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import { camelCaseFields } from './camel-case-fields.ts'
import { readSpan } from './read-span.ts'
import { readAttributes } from './read-value.ts'
import { type Origin, spanRecord } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'

/**
 * The records of one OTLP/JSON `ExportTraceServiceRequest` (`{ "resourceSpans": […] }`). What has another shape than
 * OTLP says is left out, as little as possible of it, and named in `rejected`.
 *
 * @param document the parsed JSON
 */
export function readOtlp(document: unknown): ReadResult {
  const result = emptyResult()
  attempt(result, '', () => {
    const given = requiredObject(document, '')
    const request = absent(given.resource_spans) ? given : requiredObject(camelCaseFields(given), '')
    forEach(result, request.resourceSpans, 'resourceSpans', (each, path) => readResourceSpans(each, path, result))
  })
  return result
}

function readResourceSpans(value: unknown, path: string, result: ReadResult): void {
  const resourceSpans = requiredObject(value, '')
  const notes = new TypeNotes()
  const resource = readOrigin(resourceSpans, 'resource', notes)
  const resourceTypes = notes.types
  forEach(result, resourceSpans.scopeSpans, `${path}.scopeSpans`, (each, scopePath) => {
    const scopeSpans = requiredObject(each, '')
    const scopeNotes = new TypeNotes()
    scopeNotes.addAll(resourceTypes)
    const scope = readOrigin(scopeSpans, 'scope', scopeNotes)
    const origin: Origin = { resource, scope }
    forEach(result, scopeSpans.spans, `${scopePath}.spans`, (span) => {
      const spanNotes = new TypeNotes()
      spanNotes.addAll(scopeNotes.types)
      const read = readSpan(span, spanNotes)
      result.spans.push(spanRecord(read, origin))
      for (const event of read.events) result.events.push(event)
    })
  })
}

/** Reads every item of a list; one that does not fit is rejected and the others go on. */
function forEach(result: ReadResult, value: unknown, path: string, read: (item: unknown, path: string) => void): void {
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
    result.rejected.push(Misfit.rejection(error, path))
  }
}

/** The resource or the scope of some spans, with its schema URL; null where nothing is said about it. */
function readOrigin(holder: Unknowns, member: 'resource' | 'scope', notes: TypeNotes): (Resource & Scope) | null {
  const schemaUrl = optionalText(holder.schemaUrl, 'schemaUrl')
  const origin = optionalObject(holder[member], member)
  try {
    const attributes = readAttributes(origin.attributes, 'attributes', `/${member}/attributes`, notes)
    const droppedAttributesCount = optionalCount(origin.droppedAttributesCount, 'droppedAttributesCount')
    // Only a scope has a name and a version; a resource says them in its attributes.
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
    Misfit.rethrow(error, member)
  }
}
