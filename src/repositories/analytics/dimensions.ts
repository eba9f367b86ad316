import { ValidationError } from '../../errors.ts'

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

/**
 * The columns of the names to group by, each once.
 *
 * @throws ValidationError for an unknown name
 */
export function checkedDimensions<D extends string, K extends string>(
  dimensions: Readonly<Record<D, K>>,
  by: readonly D[] = [],
): (readonly [D, K])[] {
  const given: unknown = by
  if (!Array.isArray(given)) throw fault('must be a list of names', dimensions)
  return [...new Set(by)].map((name) => {
    if (!Object.hasOwn(dimensions, name)) throw fault('must be among these names', dimensions)
    return [name, dimensions[name]] as const
  })
}

const fault = (message: string, dimensions: object) =>
  new ValidationError('Invalid analytics', [
    { field: 'by', message: `${message}: ${Object.keys(dimensions).join(', ')}` },
  ])
