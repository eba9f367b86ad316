import type { AttributeTypes, JsonObject } from '../../../schema/values.ts'
import { isContent } from '../../formats/otlp/content-attributes.ts'
import type { LogRecord } from '../../rows/records.ts'
import { withoutNotes } from './notes.ts'
import type { Transform } from './transform.ts'

/**
 * Leaves out what models and tools were given and gave: inputs, outputs, content among attributes, bodies of log records
 * that are events, saved documents. Names, times, tokens, cost, and messages of errors stay.
 */
export function dropContent(): Transform {
  return (record, table) => {
    switch (table) {
      case 'spans':
        return {
          ...record,
          ...withoutContent(record, ['/input', '/output']),
          input: undefined,
          output: undefined,
          contentKeys: undefined,
        }
      case 'traces':
        return { ...record, input: undefined, output: undefined, document: undefined }
      case 'events':
        return { ...record, ...withoutContent(record) }
      case 'results':
        return { ...record, ...withoutContent(record), explanation: undefined, document: undefined }
      case 'logs':
        if (!isEvent(record)) return { ...record, ...withoutContent(record) }
        return { ...record, ...withoutContent(record, ['/body']), body: undefined }
      case 'metricPoints':
        return { ...record, document: undefined }
      default:
        return record
    }
  }
}

interface Attributed {
  readonly attributes?: JsonObject | null | undefined
  readonly attributeTypes?: AttributeTypes | null | undefined
}

/**
 * The attributes that are no content, and their notes.
 *
 * @param dropped pointers of what is left out beside them
 */
function withoutContent({ attributes, attributeTypes }: Attributed, dropped: string[] = []) {
  const names = Object.keys(attributes ?? {})
  const content = names.filter((name) => isContent(name) && !ofErrors.test(name))
  const pointers = [...dropped, ...content.map((name) => `/attributes/${name}`)]
  const kept = Object.entries(attributes ?? {}).filter(([name]) => !content.includes(name))
  return {
    attributes: content.length === 0 ? (attributes ?? {}) : (Object.fromEntries(kept) as JsonObject),
    attributeTypes: withoutNotes(attributeTypes, pointers),
  }
}

const ofErrors = /^(exception|error)\./

/** What instrumentations log are events with names; a line of an application's log has none. */
const isEvent = ({ eventName, attributes, body }: LogRecord): boolean =>
  Boolean(eventName) || attributes?.['event.name'] !== undefined || (typeof body === 'object' && body !== null)
