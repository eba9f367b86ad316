import type { JsonObject, Resource, Scope } from '../../../schema/values.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import {
  absent,
  isObject,
  optionalList,
  optionalObject,
  requiredObject,
  ShapeError,
  type Unknowns,
} from '../shape-error.ts'
import { camelCaseMembers } from './camel-case-members.ts'
import { readCount, readText } from './fields.ts'
import { readAttributes } from './read-value.ts'
import type { Origin } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'

/** What the lists of a signal are called: `resourceSpans`, in them `scopeSpans`, in them `spans`. */
export interface SignalNames {
  readonly top: 'resourceSpans' | 'resourceLogs' | 'resourceMetrics'
  readonly scoped: 'scopeSpans' | 'scopeLogs' | 'scopeMetrics'
  readonly items: 'spans' | 'logRecords' | 'metrics'
  /** The names of the two inner lists before scopes were called so (OTLP 0.14 and older). */
  readonly old: readonly [scoped: string, items: string]
}

/**
 * Reads one item (a span, a log record, a metric) into the result.
 *
 * @param notes begins with what plain JSON cannot tell of the origin; takes what is to be noted of the item
 */
export type ReadItem = (item: Unknowns, origin: Origin, notes: TypeNotes, path: string) => void

/**
 * Walks through one OTLP/JSON request of any signal, with names in camelCase or snake_case at any level. A record that
 * cannot be read is left out and named in `rejected`; a detail that does not fit is repaired or left out and named in
 * `repaired`, and its record is kept. A part that holds something, but nothing that can be read, is rejected by name.
 *
 * @param document the parsed JSON
 */
export function walkOtlp(
  document: unknown,
  names: SignalNames,
  readerOf: (result: ReadResult) => ReadItem,
): ReadResult {
  const result = emptyResult()
  const read = readerOf(result)
  attempt(result, '', () => {
    const request = camelCaseMembers(requiredObject(document, ''))
    const resources = listOf(request, [names.top], '')
    forEach(result, resources.list, resources.path, (each, path) => {
      const holder = camelCaseMembers(requiredObject(each, ''))
      const notes = new TypeNotes()
      const resource = readOrigin(holder, ['resource'], notes)
      collect(result, notes, path)
      const scopes = listOf(holder, [names.scoped, names.old[0]], path)
      forEach(result, scopes.list, scopes.path, (inner, scopePath) => {
        const scopeHolder = camelCaseMembers(requiredObject(inner, ''))
        const scopeNotes = new TypeNotes()
        scopeNotes.addAll(notes.types)
        const origin: Origin = {
          resource,
          scope: readOrigin(scopeHolder, ['scope', 'instrumentationLibrary'], scopeNotes),
        }
        collect(result, scopeNotes, scopePath)
        const items = listOf(scopeHolder, [names.items, names.old[1]], scopePath)
        forEach(result, items.list, items.path, (item, itemPath) => {
          const itemNotes = new TypeNotes()
          itemNotes.addAll(scopeNotes.types)
          read(camelCaseMembers(requiredObject(item, '')), origin, itemNotes, itemPath)
          collect(result, itemNotes, itemPath)
        })
      })
    })
  })
  return result
}

/** Puts what was repaired in a part of the document into the result. */
export function collect(result: ReadResult, { repairs }: TypeNotes, path: string): void {
  for (const { path: inner, reason } of repairs) {
    result.repaired.push({ path: inner === '' || inner.startsWith('[') ? path + inner : `${path}.${inner}`, reason })
  }
  repairs.length = 0
}

/**
 * The list under the first of some names that the object has.
 *
 * @throws ShapeError where it has members and none of these: silence would hide what they hold
 */
function listOf(holder: Unknowns, names: readonly string[], path: string): { list: unknown; path: string } {
  const found = names.find((name) => !absent(holder[name]))
  if (found !== undefined) return { list: holder[found], path: path === '' ? found : `${path}.${found}` }
  const isNull = names.find((name) => name in holder)
  if (isNull !== undefined) throw new ShapeError(isNull, 'is null')
  const members = Object.keys(holder).filter((name) => saysSomething(holder[name]))
  if (members.length === 0) return { list: [], path }
  throw new ShapeError('', `has no ${names[0]}; it has ${members.slice(0, mostNamed).map(shortName).join(', ')}`)
}

/** Whether a member holds anything: protobuf's JSON may write what is not there as its default. */
function saysSomething(value: unknown): boolean {
  if (absent(value) || value === '' || value === 0 || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

/** Members that a message names, and how long their names may be in it: they are a stranger's text. */
const mostNamed = 5
const longestName = 40
const shortName = (name: string) => (name.length > longestName ? `${name.slice(0, longestName)}…` : name)

/** Reads every item of a list; one that does not fit is rejected and the others go on. */
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

/** The resource or the scope of some items, with its schema URL; null where nothing is said about it. */
function readOrigin(holder: Unknowns, members: readonly string[], notes: TypeNotes): (Resource & Scope) | null {
  const member = members.find((name) => !absent(holder[name])) ?? 'resource'
  const pointer = members[0] ?? member
  const schemaUrl = readText(holder, 'schemaUrl', notes)
  const origin = camelCaseMembers(notes.detail(member, {}, () => optionalObject(holder[member], '')))
  const part = new TypeNotes()
  part.addAll(notes.types)
  const attributes = readAttributes(origin.attributes, 'attributes', `/${pointer}/attributes`, part)
  const droppedAttributesCount = readCount(origin, 'droppedAttributesCount', part)
  // Only a scope has a name and a version; a resource says them in its attributes.
  const name = pointer === 'scope' ? readText(origin, 'name', part) : ''
  const version = pointer === 'scope' ? readText(origin, 'version', part) : ''
  const entityRefs =
    pointer === 'resource' && Array.isArray(origin.entityRefs) ? origin.entityRefs.filter(isObject) : []
  notes.addAll(part.types)
  for (const { path, reason } of part.repairs) notes.repair(`${member}.${path}`, reason)
  const found = {
    ...(name && { name }),
    ...(version && { version }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(droppedAttributesCount && { droppedAttributesCount }),
    ...(entityRefs.length > 0 && { entityRefs: entityRefs as readonly JsonObject[] }),
    ...(schemaUrl && { schemaUrl }),
  }
  return Object.keys(found).length > 0 ? found : null
}
