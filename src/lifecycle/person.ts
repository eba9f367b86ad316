import type { Exemplar } from '../../schema/values.ts'
import { ValidationError } from '../errors.ts'
import { generic } from '../formats/otlp/profiles/generic.ts'
import type { TraceFilter } from '../repositories/entities/traces-and-spans.ts'

/** Whose data is erased: an end user's, a session's, or that of some traces. */
export type EraseTarget =
  | { readonly userId: string }
  | { readonly sessionId: string }
  /** Any filter of lists; at least one condition. */
  | { readonly traces: TraceFilter }

/** What is of a target. */
export interface ErasedData {
  /** Traces, also those of which only a span names the target. */
  readonly traces: TraceFilter
  /** Conditions on the attributes of logs and metric points that name the target; none where only traces do. */
  readonly attributes: readonly { readonly path: string; readonly eq: string }[]
  /** Whether an exemplar has the target among its attributes. */
  readonly isNamedBy: (exemplar: Exemplar) => boolean
}

/**
 * What is of a target.
 *
 * @throws ValidationError for a target that would be everything
 */
export function dataOf(target: EraseTarget): ErasedData {
  if ('traces' in target) {
    return { traces: checkedFilter(target.traces, 'traces'), attributes: [], isNamedBy: () => false }
  }
  const [column, id] = Object.entries(target)[0] ?? []
  if ((column !== 'userId' && column !== 'sessionId') || typeof id !== 'string' || id === '') {
    throw new ValidationError('Invalid target', [
      { field: column ?? 'userId', message: 'must be { userId }, { sessionId } or { traces: FILTER }, with an id' },
    ])
  }
  const attributes = namesOf(column).map((path) => ({ path, eq: id }))
  return {
    traces: { or: [{ [column]: id }, { hasSpan: { [column]: id } }] },
    attributes,
    isNamedBy: ({ attributes: own = {} }) => attributes.some(({ path }) => own[path] === id),
  }
}

/** The attributes that hold the id in OpenTelemetry. */
function namesOf(column: 'userId' | 'sessionId'): string[] {
  const sources = generic.columns[column]
  return [sources ?? []].flat().filter((source) => typeof source === 'string')
}

/**
 * A filter that says which rows go.
 *
 * @throws ValidationError for one without a condition: a variable that is not set must not delete everything
 */
export function checkedFilter<F extends object>(filter: F, field: string): F {
  if (Object.values(filter).some((wanted) => wanted !== undefined)) return filter
  throw new ValidationError('Invalid filter', [
    { field, message: 'must have a condition: without one it is every row' },
  ])
}
