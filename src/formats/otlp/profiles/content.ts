import type { Json, JsonObject } from '../../../../schema/values.ts'
import type { EventRecord } from '../../../rows/records.ts'
import { numberedList } from '../../messages/numbered.ts'
import { isGroup } from './compile.ts'
import { instructionsName } from './generic.ts'
import type { ContentSource } from './profile.ts'

/** Where a span's content was found: attributes that move, or a value that was put together from what stays. */
export type FoundContent =
  | { readonly names: readonly string[]; readonly value?: undefined }
  | { readonly names?: undefined; readonly value: Json }

/**
 * The content of one side of a span.
 *
 * @param rank the best source that the span has
 * @param withInstructions whether system instructions, which some report apart, go with the messages
 */
export function findContent(
  source: ContentSource | undefined,
  side: 'input' | 'output',
  attributes: JsonObject,
  events: readonly EventRecord[],
  withInstructions: boolean,
): FoundContent | undefined {
  if (source === undefined) return undefined
  const instructions = withInstructions ? nonEmpty(attributes[instructionsName]) : undefined
  if (typeof source === 'string' || isGroup(source)) {
    const names = (typeof source === 'string' ? [source] : source).filter(
      (name) => nonEmpty(attributes[name]) !== undefined,
    )
    const all = instructions === undefined || names.includes(instructionsName) ? names : [instructionsName, ...names]
    return { names: all }
  }
  const list = 'numbered' in source ? numberedList(attributes, source.numbered) : eventList(source.events, side, events)
  if (list.length === 0) return undefined
  const isInstructed = instructions !== undefined
  return { value: isInstructed ? [{ role: 'system', content: instructions }, ...list] : list }
}

const nonEmpty = (value: Json | undefined): Json | undefined => (value === null || value === '' ? undefined : value)

const detailsOf = { input: 'gen_ai.input.messages', output: 'gen_ai.output.messages' } as const

/** What events say, one after the other: messages as objects of the event's attributes, anything else as it is. */
function eventList(names: readonly string[], side: 'input' | 'output', events: readonly EventRecord[]): Json[] {
  const list: Json[] = []
  for (const { name, attributes = {} } of events) {
    if (!names.includes(name)) continue
    if (name === 'gen_ai.client.inference.operation.details') {
      const instructions = side === 'input' ? nonEmpty(attributes[instructionsName]) : undefined
      const messages = nonEmpty(attributes[detailsOf[side]])
      if (instructions !== undefined) list.push({ role: 'system', content: instructions })
      if (messages !== undefined) list.push(messages)
    } else {
      const only = soleContent(attributes)
      list.push(only ?? { ...roleOf(name), ...attributes })
    }
  }
  return list
}

/** An event with one attribute is that attribute, and a message has more to say than its content. */
function soleContent(attributes: JsonObject): Json | undefined {
  const keys = Object.keys(attributes)
  const [key] = keys
  return keys.length === 1 && key !== undefined && key !== 'content' && key !== 'message' ? attributes[key] : undefined
}

/** `gen_ai.user.message` is of the user. */
function roleOf(event: string): { readonly role?: string } {
  const role = event === 'gen_ai.choice' ? 'assistant' : /^gen_ai\.(\w+)\.message$/.exec(event)?.[1]
  return role === undefined ? {} : { role }
}
