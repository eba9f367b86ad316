import { ValidationError } from '../../errors.ts'
import { checkedText } from '../filters/values.ts'

/** What usage and latency of spans can be grouped by, and the column that it means. */
export const spanDimensions = {
  kind: 'kind',
  agent: 'agentName',
  provider: 'provider',
  model: 'model',
  tool: 'toolName',
  service: 'serviceName',
  user: 'userId',
  session: 'sessionId',
  environment: 'environment',
  status: 'status',
  workflow: 'workflowName',
  operation: 'operation',
} as const

/** A name that usage and latency can be grouped by. */
export type UsageDimension = keyof typeof spanDimensions

/** The names that usage and latency can be grouped by. */
export const usageDimensions = Object.keys(spanDimensions) as UsageDimension[]

/** What runs can be grouped by, and the column of traces that it means. */
export const traceDimensions = {
  name: 'name',
  agent: 'agentName',
  provider: 'provider',
  model: 'model',
  service: 'serviceName',
  user: 'userId',
  session: 'sessionId',
  environment: 'environment',
  status: 'status',
} as const

/** A name that runs can be grouped by. */
export type RunDimension = keyof typeof traceDimensions

const ofAttributes = 'attributes.'

/** A name for the value of an attribute: what follows `attributes.` is its key, with all of its dots. */
export type AttributeDimension = `${typeof ofAttributes}${string}`

/** What is grouped by: a column, or a value of one that holds documents. */
export interface GroupedBy {
  readonly column: string
  readonly key?: string
}

/**
 * The columns of the names to group by, each once.
 *
 * @param hasAttributes whether names of attributes are among those that can be grouped by
 * @throws ValidationError for an unknown name
 */
export function checkedDimensions(
  dimensions: Readonly<Record<string, string>>,
  by: readonly string[] = [],
  hasAttributes = false,
): (readonly [string, GroupedBy])[] {
  const given: unknown = by
  if (!Array.isArray(given)) throw fault('must be a list of names', dimensions)
  return [...new Set(by)].map((name) => {
    const column = Object.hasOwn(dimensions, name) ? dimensions[name] : undefined
    if (column !== undefined) return [name, { column }] as const
    const isAttribute = hasAttributes && typeof name === 'string' && name.startsWith(ofAttributes)
    if (!isAttribute || name === ofAttributes) throw fault('must be among these names', dimensions)
    return [name, { column: 'attributes', key: checkedText(name.slice(ofAttributes.length), 'by') }] as const
  })
}

const fault = (message: string, dimensions: object) =>
  new ValidationError('Invalid analytics', [
    { field: 'by', message: `${message}: ${Object.keys(dimensions).join(', ')}` },
  ])
