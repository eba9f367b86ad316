import type { ReadResult, Rejection } from '../formats/read-result.ts'
import { keyValues } from './any-value.ts'
import type { SdkResource, SdkScope } from './sdk.ts'

/** Items of one origin as OTLP has them, and their places among the records that they were made of. */
interface OfScope {
  readonly items: object[]
  readonly places: number[]
}

/** Records by what produced them. */
interface Grouped {
  /** By resource and scope, in the order in which these came first. */
  readonly groups: ReadonlyMap<SdkResource, ReadonlyMap<SdkScope | undefined, OfScope>>
  /** Places of records that could not be read: a getter threw. */
  readonly unreadable: readonly number[]
}

/** Converts records, each by itself, and groups them by what produced them, as an OTLP request does. */
export function grouped<T extends { readonly resource: SdkResource }>(
  records: readonly T[],
  scopeOf: (record: T) => SdkScope | undefined,
  convert: (record: T) => object,
): Grouped {
  const groups = new Map<SdkResource, Map<SdkScope | undefined, OfScope>>()
  const unreadable: number[] = []
  records.forEach((record, place) => {
    try {
      const item = convert(record)
      const scope = scopeOf(record)
      const scopes = groups.get(record.resource) ?? new Map<SdkScope | undefined, OfScope>()
      groups.set(record.resource, scopes)
      const { items, places } = scopes.get(scope) ?? { items: [], places: [] }
      scopes.set(scope, { items, places })
      items.push(item)
      places.push(place)
    } catch {
      unreadable.push(place)
    }
  })
  return { groups, unreadable }
}

const inRequest = /^resource\w+\[(\d+)\]\.scope\w+\[(\d+)\]\.\w+\[(\d+)\]/

/**
 * A result that names what was left out by its place among the records of the export, such as `spans[3].traceId`, and
 * what could not be read at all.
 *
 * @param first the place of the first record that was grouped
 */
export function located(result: ReadResult, what: string, { groups, unreadable }: Grouped, first: number): ReadResult {
  const named = (place: number) => `${what}[${first + place}]`
  const rejected = unreadable.map((place) => ({ path: named(place), reason: 'cannot be read: it throws' }))
  if (result.rejected.length + result.repaired.length === 0) return { ...result, rejected }
  const places = Array.from(groups.values(), (scopes) => Array.from(scopes.values(), (each) => each.places))
  const moved = ({ path, reason }: Rejection) => ({
    path: path.replace(inRequest, (found, resource, scope, item) => {
      const place = places[resource]?.[scope]?.[item]
      return place === undefined ? found : named(place)
    }),
    reason,
  })
  return { ...result, rejected: [...rejected, ...result.rejected.map(moved)], repaired: result.repaired.map(moved) }
}

/** A resource as OTLP has it, beside its schema URL. */
export const resourceOf = (resource: SdkResource) => ({
  resource: { attributes: keyValues(resource.attributes) },
  schemaUrl: resource.schemaUrl,
})

/** A scope as OTLP has it, beside its schema URL. */
export const scopeOf = (scope: SdkScope | undefined) => ({
  scope: {
    name: scope?.name,
    version: scope?.version,
    attributes: keyValues(scope?.attributes),
    droppedAttributesCount: scope?.droppedAttributesCount,
  },
  schemaUrl: scope?.schemaUrl,
})
