// OpenAI's Responses API.
import { words } from './openai-chat.mjs'

export function responsesAnswer({ id, body, reply }) {
  return { ...responseHead({ id, body }), status: 'completed', output: output(id, reply), usage: usage(reply.usage) }
}

export function* responsesEvents({ id, body, reply }) {
  const head = { ...responseHead({ id, body }), status: 'in_progress', output: [], usage: null }
  const items = output(id, reply)
  let number = 0
  const event = (type, fields) => ({ type, sequence_number: number++, ...fields })
  yield event('response.created', { response: head })
  for (const [index, item] of items.entries()) {
    yield event('response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress' } })
    if (item.type === 'message') yield* textEvents(event, index, item)
    else yield* argumentEvents(event, index, item)
    yield event('response.output_item.done', { output_index: index, item })
  }
  yield event('response.completed', { response: responsesAnswer({ id, body, reply }) })
}

function* textEvents(event, output_index, { id: item_id, content: [part] }) {
  const where = { item_id, output_index, content_index: 0 }
  yield event('response.content_part.added', { ...where, part: { ...part, text: '' } })
  for (const delta of words(part.text)) yield event('response.output_text.delta', { ...where, delta, logprobs: [] })
  yield event('response.output_text.done', { ...where, text: part.text, logprobs: [] })
  yield event('response.content_part.done', { ...where, part })
}

function* argumentEvents(event, output_index, { id: item_id, arguments: text }) {
  const where = { item_id, output_index }
  yield event('response.function_call_arguments.delta', { ...where, delta: text })
  yield event('response.function_call_arguments.done', { ...where, arguments: text })
}

function responseHead({ id, body }) {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: 1_780_000_000,
    model: `${body.model}-2026-01-01`,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: body.tools ?? [],
    top_p: 1,
  }
}

function output(id, { text, toolCalls = [] }) {
  const calls = toolCalls.map((call, index) => ({
    type: 'function_call',
    id: `fc_${id}_${index}`,
    call_id: call.id,
    name: call.name,
    arguments: JSON.stringify(call.arguments),
    status: 'completed',
  }))
  if (text === undefined) return calls
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }]
  return [{ type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed', content }, ...calls]
}

function usage({ input, output, cacheRead, cacheWrite, reasoning }) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  }
}
