import type { Json, JsonObject } from '../../../schema/values.ts'
import { isList, isObject, memberOf, parsed, textOf } from './fields.ts'
import type { Message, MessagePart } from './message.ts'
import { partsOf, toolCallsOf } from './parts.ts'

/** Shapes nest requests, lists of lists and serialised messages; deeper is data. */
const deepest = 8

/**
 * Messages of a value in any of the shapes that instrumentations write: texts, JSON text, OpenAI's chat and responses,
 * Anthropic, Gemini, Bedrock, the AI SDK, LangChain (also serialised), Pydantic AI, Genkit, OpenTelemetry's parts.
 *
 * @param role the role of what has none
 */
export function normalizeMessages(value: Json, role: 'user' | 'assistant', depth = 0): Message[] {
  const given = parsed(value)
  if (given === null || given === '') return []
  if (depth > deepest) return [{ role, parts: [{ type: 'data', content: given }] }]
  if (isList(given)) return ofList(given, role, depth)
  if (isObject(given)) return ofObject(given, role, depth)
  return [{ role, parts: [{ type: 'text', content: String(given) }] }]
}

function ofList(list: readonly Json[], role: 'user' | 'assistant', depth: number): Message[] {
  const isOfMessages = list.some(
    (each) => isList(each) || (isObject(each) && isMessage(each)) || typeof each === 'string',
  )
  if (isOfMessages) return list.flatMap((each) => normalizeMessages(each, role, depth + 1))
  if (list.some((each) => isObject(each) && isResponseItem(each))) {
    return list.flatMap((each) => normalizeMessages(each, role, depth + 1))
  }
  const parts = list.every(isToolCall) ? toolCallsOf(list) : partsOf(list)
  return parts.length > 0 ? [{ role, parts }] : []
}

/** `[{ toolCallId, toolName, input }]` beside the text of an answer. */
const isToolCall = (value: Json) =>
  isObject(value) && value.type !== 'tool-result' && ('toolName' in value || ('name' in value && 'arguments' in value))

/** OpenAI's responses list calls and thoughts beside messages. */
const isResponseItem = ({ type }: JsonObject) => type === 'function_call' || type === 'function_call_output'

const isMessage = (value: JsonObject): boolean =>
  typeof value.role === 'string' ||
  isList(value.parts) ||
  langChainRole(value) !== undefined ||
  isObject(value.message) ||
  isObject(value.content) ||
  isSerialized(value)

/** What holds messages among other things, with the role of those that have none. */
const holders = [
  ['messages', undefined],
  ['contents', 'user'],
  ['choices', 'assistant'],
  ['candidates', 'assistant'],
  ['generations', 'assistant'],
  ['new_message', 'user'],
  ['output', 'assistant'],
  ['input', 'user'],
  ['prompt', 'user'],
] as const

function ofObject(object: JsonObject, role: 'user' | 'assistant', depth: number): Message[] {
  if (isSerialized(object)) return normalizeMessages({ ...object.kwargs, type: lastOf(object.id) }, role, depth + 1)
  if (isResponseItem(object)) {
    return [{ role: object.type === 'function_call' ? 'assistant' : 'tool', parts: partsOf([object]) }]
  }
  const inner = object.content === undefined && object.parts === undefined ? parsed(object.message ?? null) : null
  if (isObject(inner)) return withReason(normalizeMessages(inner, role, depth + 1), object)
  if (inner !== null) {
    // Strands writes the content of an answer as JSON text.
    const parts: MessagePart[] = isList(inner) ? partsOf(inner) : [{ type: 'text', content: String(inner) }]
    return withReason([{ role: roleOf(object, role), parts }], object)
  }
  if (typeof object.role === 'string' || isList(object.parts) || langChainRole(object) !== undefined) {
    return [toMessage(object, role)]
  }
  const found = holders.find(([name]) => object[name] !== undefined && object[name] !== null)
  if (found !== undefined) {
    const [name, its] = found
    const system = memberOf(object, 'system', 'instructions', 'systemInstruction', 'system_instruction', 'systemPrompt')
    const config = isObject(object.config)
      ? memberOf(object.config, 'system_instruction', 'systemInstruction')
      : undefined
    const instructions = partsOf(system ?? config)
    return [
      ...(instructions.length > 0 ? [{ role: 'system', parts: instructions }] : []),
      ...normalizeMessages(object[name] as Json, its ?? role, depth + 1),
    ]
  }
  // Gemini and the ADK: `{ content: { parts, role }, finishReason }`.
  if (isObject(object.content)) return withReason(normalizeMessages(object.content, role, depth + 1), object)
  const message_ = toMessage(object, role)
  return message_.parts.length > 0 ? [message_] : [{ role, parts: [{ type: 'data', content: object }] }]
}

function toMessage(object: JsonObject, otherwise: 'user' | 'assistant'): Message {
  const role = roleOf(object, otherwise)
  const content = memberOf(object, 'parts', 'content', 'contents', 'text', 'data')
  const calls = toolCallsOf(memberOf(object, 'tool_calls', 'toolCalls') ?? additionalCalls(object))
  const thought = textOf(object, 'reasoning_content', 'reasoning')
  const own = partsOf(content)
  const named = new Set(own.flatMap((part) => (part.type === 'tool_call' ? [part.id] : [])))
  const parts: MessagePart[] = [
    ...(thought === null ? [] : [{ type: 'reasoning', content: thought } as const]),
    ...answerOf(role, object, own, content),
    // LangChain has Anthropic's calls in the content as well.
    ...calls.filter((call) => call.id === null || !named.has(call.id)),
  ]
  const name = textOf(object, 'name')
  const [message] = withReason([{ role, parts, ...(name !== null && { name }) }], object)
  return message as Message
}

const additionalCalls = ({ additional_kwargs }: JsonObject): Json | undefined =>
  isObject(additional_kwargs) ? additional_kwargs.tool_calls : undefined

/** The content of a tool's message is what it answered. */
function answerOf(role: string, object: JsonObject, own: MessagePart[], content: Json | undefined): MessagePart[] {
  if (role !== 'tool' || content === undefined || own.some((part) => part.type === 'tool_call_response')) return own
  const name = textOf(object, 'name')
  return [
    {
      type: 'tool_call_response',
      id: textOf(object, 'tool_call_id', 'toolCallId', 'id'),
      ...(name !== null && { name }),
      response: parsed(content),
    },
  ]
}

const roles: Readonly<Record<string, string>> = {
  human: 'user',
  humanmessage: 'user',
  humanmessagechunk: 'user',
  ai: 'assistant',
  aimessage: 'assistant',
  aimessagechunk: 'assistant',
  model: 'assistant',
  systemmessage: 'system',
  developer: 'system',
  toolmessage: 'tool',
  function: 'tool',
  functionmessage: 'tool',
}

function roleOf(object: JsonObject, otherwise: string): string {
  const given = textOf(object, 'role') ?? langChainRole(object) ?? kindRole(object)
  return given === undefined || given === null ? otherwise : (roles[given.toLowerCase()] ?? given)
}

/** Pydantic AI: a message is a `request` or a `response`. */
const kindRole = ({ kind }: JsonObject) => (kind === 'request' ? 'user' : kind === 'response' ? 'assistant' : undefined)

/** LangChain says the role as the type of a message. */
function langChainRole({ type, content, data }: JsonObject): string | undefined {
  if (typeof type !== 'string' || (content === undefined && data === undefined)) return undefined
  return /^(human|ai|system|tool|function|\w+Message(Chunk)?)$/i.test(type) ? type : undefined
}

type Serialized = JsonObject & { readonly kwargs: JsonObject }

/** LangChain's own serialisation: `{ lc: 1, id: ["langchain", …, "HumanMessage"], kwargs }`. */
const isSerialized = (object: JsonObject): object is Serialized => isObject(object.kwargs) && isList(object.id)

function lastOf(list: Json | undefined): string {
  const last = isList(list) ? list.at(-1) : undefined
  return typeof last === 'string' ? last : ''
}

function withReason(messages: Message[], holder: JsonObject): Message[] {
  const reason = textOf(holder, 'finish_reason', 'finishReason', 'stop_reason', 'stopReason')
  if (reason === null) return messages
  return messages.map((each) => (each.finish_reason === undefined ? { ...each, finish_reason: reason } : each))
}
