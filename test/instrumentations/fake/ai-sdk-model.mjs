// The mock model of the AI SDK, answering from a list.
import { simulateReadableStream } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { words } from './openai-chat.mjs'

/** A model whose answers are `replies`, in order; one with an error throws. */
export function listedModel(replies) {
  const left = [...replies]
  const next = () => {
    const reply = left.shift()
    if (reply.error) throw new Error(reply.error.message)
    return reply
  }
  return new MockLanguageModelV4({
    provider: 'mock.chat',
    modelId: 'mock-model',
    doGenerate: async () => {
      const reply = next()
      return { content: content(reply), ...ending(reply), response: { id: 'response-1', modelId: 'mock-model-1' } }
    },
    doStream: async () => {
      const chunks = streamParts(next())
      return { stream: simulateReadableStream({ chunks, initialDelayInMs: 5, chunkDelayInMs: 1 }) }
    },
  })
}

function content({ text, toolCalls = [] }) {
  const calls = toolCalls.map((call) => ({
    type: 'tool-call',
    toolCallId: call.id,
    toolName: call.name,
    input: JSON.stringify(call.arguments),
  }))
  return text === undefined ? calls : [{ type: 'text', text }, ...calls]
}

function streamParts(reply) {
  const text = reply.text !== undefined && [
    { type: 'text-start', id: 'text-1' },
    ...words(reply.text).map((delta) => ({ type: 'text-delta', id: 'text-1', delta })),
    { type: 'text-end', id: 'text-1' },
  ]
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'response-1', modelId: 'mock-model-1', timestamp: new Date() },
    ...(text || []),
    ...content({ ...reply, text: undefined }),
    { type: 'finish', ...ending(reply) },
  ]
}

function ending({ toolCalls, usage: { input, output, cacheRead, cacheWrite, reasoning } }) {
  return {
    finishReason: toolCalls ? { unified: 'tool-calls', raw: 'tool_use' } : { unified: 'stop', raw: 'end_turn' },
    usage: {
      inputTokens: { total: input, noCache: input - cacheRead - cacheWrite, cacheRead, cacheWrite },
      outputTokens: { total: output, text: output - reasoning, reasoning },
      raw: { input_tokens: input - cacheRead - cacheWrite, output_tokens: output },
    },
    warnings: [],
  }
}
