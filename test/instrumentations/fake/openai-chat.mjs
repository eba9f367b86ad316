// OpenAI's chat completions and embeddings.

const created = 1_780_000_000

export function chatAnswer({ id, body, reply }) {
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created,
    model: `${body.model}-2026-01-01`,
    service_tier: 'default',
    choices: [{ index: 0, message: message(reply), finish_reason: finishReason(reply), logprobs: null }],
    usage: chatUsage(reply.usage),
  }
}

export function* chatEvents({ id, body, reply }) {
  const chunk = (delta, finish_reason = null) => ({
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk',
    created,
    model: `${body.model}-2026-01-01`,
    choices: [{ index: 0, delta, finish_reason }],
    ...(body.stream_options?.include_usage && { usage: null }),
  })
  yield chunk({ role: 'assistant', content: '' })
  for (const word of words(reply.text)) yield chunk({ content: word })
  for (const [index, call] of (reply.toolCalls ?? []).entries()) {
    yield chunk({ tool_calls: [{ index, ...toolCall(call) }] })
  }
  yield chunk({}, finishReason(reply))
  if (body.stream_options?.include_usage) yield { ...chunk({}), choices: [], usage: chatUsage(reply.usage) }
  yield '[DONE]'
}

export function embeddingsAnswer({ body, reply }) {
  return {
    object: 'list',
    model: body.model,
    data: [{ object: 'embedding', index: 0, embedding: encodeVector(reply.vector, body.encoding_format) }],
    usage: { prompt_tokens: reply.tokens, total_tokens: reply.tokens },
  }
}

export function openaiError({ type, message }) {
  return { error: { type, message, code: 'context_length_exceeded', param: 'messages' } }
}

/** A text cut before each space, as models stream it. */
export function words(text = '') {
  return text.match(/ ?[^ ]+/g) ?? []
}

function message({ text, toolCalls }) {
  return {
    role: 'assistant',
    content: text ?? null,
    refusal: null,
    ...(toolCalls && { tool_calls: toolCalls.map(toolCall) }),
  }
}

function toolCall(call) {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }
}

function finishReason({ toolCalls }) {
  return toolCalls ? 'tool_calls' : 'stop'
}

function chatUsage({ input, output, cacheRead, reasoning }) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
  }
}

function encodeVector(vector, format) {
  return format === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector
}
