import type { Json, JsonObject } from '../../../schema/values.ts'
import { isList, isObject, memberOf, parsed, textOf } from './fields.ts'
import type { FilePart, MessagePart, ToolCallPart, ToolResultPart } from './message.ts'

/** The parts of a message's content, in any of the shapes of OpenAI, Anthropic, Gemini, Bedrock, the AI SDK and others. */
export function partsOf(content: Json | undefined): MessagePart[] {
  if (content === undefined || content === null || content === '') return []
  if (typeof content === 'string') {
    const inner = /^\s*\[\s*\{/.test(content) ? parsed(content) : content
    return isList(inner) ? inner.flatMap(partOf) : [{ type: 'text', content }]
  }
  if (isList(content)) return content.flatMap(partOf)
  // Gemini: `{ parts: […], role }`.
  if (isObject(content) && isList(content.parts)) return content.parts.flatMap(partOf)
  return partOf(content)
}

/** One item of a content list; several parts where a shape has them beside each other, none where it is empty. */
function partOf(value: Json): MessagePart[] {
  if (value === null || value === '') return []
  if (typeof value === 'string') return [{ type: 'text', content: value }]
  if (!isObject(value)) return [{ type: 'data', content: value }]
  const part = toolPart(value) ?? textPart(value) ?? filePart(value)
  return [part ?? { type: 'data', content: value }]
}

const thoughts: ReadonlySet<string> = new Set(['thinking', 'reasoning', 'redacted_thinking', 'thought'])

function textPart(part: JsonObject): MessagePart | undefined {
  const type = typeOf(part)
  const isThought = thoughts.has(type) || part.thought === true
  const text = isThought
    ? (textOf(part, 'thinking', 'text', 'content', 'reasoning') ?? summaryOf(part.summary))
    : textOf(part, 'text', 'content', 'refusal')
  if (text !== null && (isThought || isTextType(type))) return { type: isThought ? 'reasoning' : 'text', content: text }
  if (isThought) return { type: 'reasoning', content: '' }
  const reasoning = part.reasoningContent ?? part.reasoning_content
  if (isObject(reasoning)) {
    const inner = isObject(reasoning.reasoningText) ? reasoning.reasoningText : reasoning
    return { type: 'reasoning', content: textOf(inner, 'text') ?? '' }
  }
  return typeof reasoning === 'string' ? { type: 'reasoning', content: reasoning } : undefined
}

/** A shape without a type has one member that says what it is: `{ text }`. */
const isTextType = (type: string) =>
  /^(|text|input_text|output_text|refusal|summary_text|system-prompt|user-prompt|retry-prompt)$/.test(type)

/** Pydantic AI calls the type `part_kind`. */
const typeOf = (part: JsonObject): string => textOf(part, 'type', 'part_kind') ?? ''

/** OpenAI's reasoning is a list of summaries. */
function summaryOf(summary: Json | undefined): string | null {
  if (!isList(summary)) return null
  return summary.flatMap((each) => (isObject(each) ? [textOf(each, 'text') ?? ''] : [])).join('\n')
}

function toolPart(part: JsonObject): ToolCallPart | ToolResultPart | undefined {
  switch (typeOf(part)) {
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
    case 'tool_call':
    case 'tool-call':
    case 'function_call':
    case 'function':
      return toolCall(part)
    case 'tool_result':
    case 'mcp_tool_result':
    case 'web_search_tool_result':
    case 'tool_call_response':
    case 'tool-result':
    case 'tool-return':
    case 'function_call_output':
      return toolResult(part)
  }
  const call = memberOf(part, 'toolUse', 'functionCall', 'function_call', 'toolRequest')
  if (isObject(call)) return toolCall(call)
  const result = memberOf(part, 'toolResult', 'functionResponse', 'function_response', 'toolResponse')
  return isObject(result) ? toolResult(result) : undefined
}

/** A tool call, in any spelling. */
export function toolCall(call: JsonObject): ToolCallPart {
  const inner = isObject(call.function) ? call.function : call
  const given = memberOf(inner, 'arguments', 'args', 'input', 'parameters')
  return {
    type: 'tool_call',
    id: textOf(call, 'id', 'call_id', 'toolCallId', 'tool_call_id', 'toolUseId', 'ref'),
    name: textOf(inner, 'name', 'toolName', 'tool_name'),
    arguments: given === undefined ? null : parsed(given),
  }
}

function toolResult(result: JsonObject): ToolResultPart {
  const name = textOf(result, 'name', 'toolName', 'tool_name')
  const response = memberOf(result, 'response', 'result', 'output', 'content')
  return {
    type: 'tool_call_response',
    id: textOf(result, 'id', 'call_id', 'tool_use_id', 'toolCallId', 'tool_call_id', 'toolUseId', 'ref'),
    ...(name !== null && { name }),
    response: response === undefined ? null : parsed(response),
  }
}

/** Tool calls that stand beside the content of a message. */
export function toolCallsOf(value: Json | undefined): ToolCallPart[] {
  const list = value === undefined ? undefined : parsed(value)
  return isList(list) ? list.flatMap((each) => (isObject(each) ? [toolCall(each)] : [])) : []
}

const fileTypes = /^(image|image_url|input_image|audio|input_audio|file|input_file|document|media|video|blob|uri)$/

function filePart(part: JsonObject): FilePart | undefined {
  const type = typeOf(part)
  const inner = memberOf(
    part,
    'inlineData',
    'inline_data',
    'fileData',
    'file_data',
    'image',
    'image_url',
    'input_audio',
    'document',
    'source',
  )
  if (!fileTypes.test(type) && (type !== '' || inner === undefined)) return undefined
  const holder = isObject(inner) ? { ...part, ...inner } : { ...part, ...(typeof inner === 'string' && { url: inner }) }
  const modality = textOf(part, 'modality') ?? (/image|audio|video|document/.exec(type)?.[0] || null)
  const mime_type = textOf(holder, 'mime_type', 'mimeType', 'mediaType', 'media_type')
  const address = textOf(holder, 'uri', 'url', 'fileUri', 'file_uri')
  const data = textOf(holder, 'data', 'bytes', 'base64', 'content')
  const id = textOf(holder, 'file_id', 'fileId')
  if (address?.startsWith('data:')) return { type: 'blob', modality, mime_type, content: address }
  if (address !== null) return { type: 'uri', modality, mime_type, content: address }
  return { type: data === null ? 'file' : 'blob', modality, mime_type, content: data ?? id }
}
