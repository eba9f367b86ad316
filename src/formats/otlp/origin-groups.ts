import type { AttributeTypes, JsonObject, Resource, Scope } from '../../../schema/values.ts'
import type { OtlpKeyValue } from './document.ts'
import { onlyNotes } from './type-notes.ts'
import { writeAttributes } from './write-value.ts'

/** Where a row comes from. */
export interface Originated {
  readonly resource: Resource | null
  readonly scope: Scope | null
  readonly attributeTypes: AttributeTypes | null
}

/** A resource or a scope as OTLP writes it. */
export interface OtlpOrigin {
  name?: string
  version?: string
  attributes?: OtlpKeyValue[]
  droppedAttributesCount?: number
  entityRefs?: readonly JsonObject[]
}

/** The rows of one scope. */
export interface ScopeGroup<Row> {
  readonly head: { scope?: OtlpOrigin; schemaUrl?: string }
  readonly rows: Row[]
}

/** The rows of one resource, by scope. */
export interface ResourceGroup<Row> {
  readonly head: { resource?: OtlpOrigin; schemaUrl?: string }
  readonly scopes: Map<string, ScopeGroup<Row>>
}

/** Rows by resource and then by scope, each in the order in which it came first. */
export function groupByOrigin<Row extends Originated>(rows: Iterable<Row>): ResourceGroup<Row>[] {
  const groups = new Map<string, ResourceGroup<Row>>()
  for (const row of rows) {
    const { resource, scope, attributeTypes: types } = row
    const resourceKey = originKey(resource, '/resource', types)
    let group = groups.get(resourceKey)
    if (group === undefined) {
      group = { head: written('resource', resource, types), scopes: new Map() }
      groups.set(resourceKey, group)
    }
    const scopeKey = originKey(scope, '/scope', types)
    const found = group.scopes.get(scopeKey)
    if (found) found.rows.push(row)
    else group.scopes.set(scopeKey, { head: written('scope', scope, types), rows: [row] })
  }
  return [...groups.values()]
}

/** Equal for rows of one resource or scope: the same values, of the same types. */
const originKey = (origin: Resource | Scope | null, pointer: string, types: AttributeTypes | null) =>
  origin === null ? '' : JSON.stringify([origin, onlyNotes(types, pointer)])

/** What is said about a resource or a scope, under the name of the member that holds it, and its schema URL. */
function written(member: 'resource' | 'scope', origin: (Resource & Scope) | null, types: AttributeTypes | null) {
  if (origin === null) return {}
  const { name, version, attributes, droppedAttributesCount, entityRefs, schemaUrl } = origin
  const described = {
    ...(name && { name }),
    ...(version && { version }),
    ...(attributes && { attributes: writeAttributes(attributes, `/${member}/attributes`, types) }),
    ...(droppedAttributesCount && { droppedAttributesCount }),
    ...(entityRefs && { entityRefs }),
  }
  return {
    ...(Object.keys(described).length > 0 && { [member]: described }),
    ...(schemaUrl && { schemaUrl }),
  }
}
