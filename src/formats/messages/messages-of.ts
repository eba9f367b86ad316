import type { EventRow, LogRow, SpanRow } from '../../../schema/tables.ts'
import type { Json, JsonObject } from '../../../schema/values.ts'
import { isList, isObject, parsed } from './fields.ts'
import type { Message, MessagePart, SpanMessages } from './message.ts'
import { normalizeMessages } from './normalize.ts'
import { numberedList } from './numbered.ts'
import { partsOf, toolCallsOf } from './parts.ts'

/** What messages are read from of a span: a row, or a record that is written. */
export type MessageSource = { readonly [C in MessageColumn]?: SpanRow[C] | null | undefined }

type MessageColumn =
  | 'kind'
  | 'input'
  | 'output'
  | 'contentKeys'
  | 'attributes'
  | 'finishReasons'
  | 'toolName'
  | 'toolCallId'

/** Messages that came apart from their span. */
export interface MessageContext {
  /** Events of the span. */
  readonly events?: readonly Pick<EventRow, 'name' | 'attributes'>[] | undefined
  /** Log records of the span that are events. */
  readonly logs?: readonly Pick<LogRow, 'eventName' | 'attributes' | 'body'>[] | undefined
}

/**
 * What went into a span and came out of it, as messages in OpenTelemetry's shape, whatever instrumentation wrote them.
 * A tool's arguments are a call of the assistant, its result an answer of the tool. A value of no known shape is one
 * message with it as data.
 *
 * @example
 * const { input, output } = messagesOf(span)
 * const text = output.flatMap(({ parts }) => parts).find((part) => part.type === 'text')
 */
export function messagesOf(span: MessageSource, context: MessageContext = {}): SpanMessages {
  if (span.kind === 'tool' || span.kind === 'mcp') return toolMessages(span)
  const events = eventMessages(context)
  const input = sideOf(span, 'input')
  const output = sideOf(span, 'output')
  return {
    input: input.length > 0 ? input : events.input,
    output: withFinishReason(output.length > 0 ? output : events.output, span.finishReasons),
  }
}

const sides = {
  input: { role: 'user', numbered: ['llm.input_messages', 'gen_ai.prompt', 'gen_ai.input.messages', 'llm.prompts'] },
  output: {
    role: 'assistant',
    numbered: ['llm.output_messages', 'gen_ai.completion', 'gen_ai.output.messages', 'llm.completions', 'llm.choices'],
  },
} as const

const instructionsName = 'gen_ai.system_instructions'

function sideOf(span: MessageSource, side: 'input' | 'output'): Message[] {
  const { role, numbered } = sides[side]
  const attributes = span.attributes ?? {}
  // Numbered messages are the most exact: OpenInference writes the whole request beside them.
  for (const prefix of numbered) {
    const list = numberedList(attributes, prefix)
    if (list.length > 0)
      return withSystem(
        side,
        attributes,
        list.flatMap((each) => normalizeMessages(each, role)),
      )
  }
  const value = span[side] ?? null
  const names = span.contentKeys?.[side]
  if (names === undefined || typeof names === 'string' || !isList(value)) {
    return withSystem(side, attributes, normalizeMessages(value, role))
  }
  return joined(names, value, role)
}

/** Instructions that stayed an attribute come first. */
function withSystem(side: 'input' | 'output', attributes: JsonObject, messages: Message[]): Message[] {
  const instructions = side === 'input' ? partsOf(parsedOrNull(attributes[instructionsName])) : []
  const isSaid = messages.some(({ role }) => role === 'system')
  return instructions.length > 0 && !isSaid ? [{ role: 'system', parts: instructions }, ...messages] : messages
}

const parsedOrNull = (value: Json | undefined): Json => (value === undefined ? null : parsed(value))

/** Several attributes: instructions before messages, and of an answer its text, thoughts and calls in one message. */
function joined(names: readonly string[], values: readonly Json[], role: 'user' | 'assistant'): Message[] {
  const messages: Message[] = []
  const parts: MessagePart[] = []
  names.forEach((name, i) => {
    const value = values[i] ?? null
    if (name === instructionsName) messages.push({ role: 'system', parts: partsOf(parsedOrNull(value)) })
    else if (role === 'user') messages.push(...normalizeMessages(value, role))
    else if (/tool_?calls?$|function_calls$/i.test(name)) parts.push(...toolCallsOf(value))
    else if (/reasoning/i.test(name)) {
      const list = parsed(value)
      parts.push(...(isList(list) ? partsOf(list) : [{ type: 'reasoning' as const, content: String(value) }]))
    } else if (typeof value === 'string') parts.push({ type: 'text', content: value })
    else parts.push(...partsOf(value))
  })
  return parts.length > 0 ? [...messages, { role, parts }] : messages
}

function toolMessages(span: MessageSource): SpanMessages {
  const { input, output } = span
  const [toolName, toolCallId] = [span.toolName ?? null, span.toolCallId ?? null]
  const [given, result] = [parsed(input ?? null), parsed(output ?? null)]
  return {
    input:
      given === null
        ? []
        : [{ role: 'assistant', parts: [{ type: 'tool_call', id: toolCallId, name: toolName, arguments: given }] }],
    output:
      result === null
        ? []
        : [
            {
              role: 'tool',
              parts: [
                {
                  type: 'tool_call_response',
                  id: toolCallId,
                  ...(toolName !== null && { name: toolName }),
                  response: result,
                },
              ],
            },
          ],
  }
}

/** Messages of events, in their order; log records say the same in attributes or in their body. */
function eventMessages({ events = [], logs = [] }: MessageContext): { input: Message[]; output: Message[] } {
  const input: Message[] = []
  const output: Message[] = []
  const all = [
    ...events.map(({ name, attributes }) => ({ name, attributes })),
    ...logs.map(({ eventName, attributes, body }) => ({
      name: eventName ?? String(attributes['event.name'] ?? ''),
      attributes: { ...(isObject(body) && body), ...attributes },
    })),
  ]
  for (const { name, attributes } of all) {
    const [, role] = /^gen_ai\.(\w+)\.message$/.exec(name) ?? []
    if (name === 'gen_ai.client.inference.operation.details') {
      const messages = normalizeMessages(attributes['gen_ai.input.messages'] ?? null, 'user')
      input.push(...withSystem('input', attributes, messages))
      output.push(...normalizeMessages(attributes['gen_ai.output.messages'] ?? null, 'assistant'))
    } else if (role !== undefined) input.push(...normalizeMessages({ role, ...attributes }, 'user'))
    else if (name === 'gen_ai.choice') output.push(...normalizeMessages(attributes, 'assistant'))
    else if (name === 'gen_ai.content.prompt')
      input.push(...normalizeMessages(attributes['gen_ai.prompt'] ?? null, 'user'))
    else if (name === 'gen_ai.content.completion') {
      output.push(...normalizeMessages(attributes['gen_ai.completion'] ?? null, 'assistant'))
    }
  }
  return { input, output }
}

function withFinishReason(messages: readonly Message[], reasons: readonly string[] | null | undefined): Message[] {
  return messages.map((each, i) => {
    const reason = reasons?.[i]
    return each.finish_reason === undefined && reason !== undefined ? { ...each, finish_reason: reason } : each
  })
}
