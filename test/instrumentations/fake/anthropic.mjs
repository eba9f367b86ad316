// Anthropic's Messages API, which reports input without the cached tokens.
import { words } from './openai-chat.mjs'

export function messagesAnswer({ id, body, reply }) {
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model: `${body.model}-20260101`,
    content: contentBlocks(reply),
    stop_reason: stopReason(reply),
    stop_sequence: null,
    usage: usage(reply.usage),
  }
}

export function* messagesEvents({ id, body, reply }) {
  const whole = messagesAnswer({ id, body, reply })
  const message = { ...whole, content: [], stop_reason: null, usage: { ...whole.usage, output_tokens: 1 } }
  yield { type: 'message_start', message }
  for (const [index, block] of whole.content.entries()) yield* blockEvents(index, block)
  const delta = { stop_reason: whole.stop_reason, stop_sequence: null }
  yield { type: 'message_delta', delta, usage: { output_tokens: whole.usage.output_tokens } }
  yield { type: 'message_stop' }
}

export function messagesError({ type, message }) {
  return { type: 'error', error: { type, message }, request_id: 'req_failed' }
}

function* blockEvents(index, block) {
  const isText = block.type === 'text'
  const content_block = isText ? { ...block, text: '' } : { ...block, input: {} }
  yield { type: 'content_block_start', index, content_block }
  const deltas = isText
    ? words(block.text).map((text) => ({ type: 'text_delta', text }))
    : [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }]
  for (const delta of deltas) yield { type: 'content_block_delta', index, delta }
  yield { type: 'content_block_stop', index }
}

function contentBlocks({ text, toolCalls = [] }) {
  const calls = toolCalls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: call.arguments }))
  return text === undefined ? calls : [{ type: 'text', text, citations: null }, ...calls]
}

function stopReason({ toolCalls }) {
  return toolCalls ? 'tool_use' : 'end_turn'
}

function usage({ input, output, cacheRead, cacheWrite }) {
  return {
    input_tokens: input - cacheRead - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
  }
}
