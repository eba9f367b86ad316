import type { JsonObject } from '../../../schema/values.ts'
import { readText } from './profiles/values.ts'

const names = {
  serviceName: ['service.name'],
  environment: ['deployment.environment.name', 'deployment.environment', 'langfuse.environment'],
} as const

/** Service or environment, as the attributes of a resource say it. */
export function originColumn(resource: JsonObject, column: keyof typeof names): string | null {
  for (const name of names[column]) {
    const value = readText(resource[name])
    if (value !== null) return value
  }
  return null
}
