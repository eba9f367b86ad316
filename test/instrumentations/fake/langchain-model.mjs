// A chat model of LangChain's that answers from a list, and reports usage as LangChain's own providers do.
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage, AIMessageChunk } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import { words } from './openai-chat.mjs'

export class ListedChatModel extends BaseChatModel {
  #left
  #answered = 0

  constructor(replies) {
    super({ maxRetries: 0 })
    this.#left = [...replies]
  }

  _llmType() {
    return 'listed'
  }

  getLsParams() {
    return { ls_provider: 'openai', ls_model_name: 'gpt-5-mini', ls_model_type: 'chat', ls_temperature: 0.5 }
  }

  bindTools() {
    return this
  }

  async _generate() {
    const reply = this.#next()
    const tool_calls = reply.toolCalls?.map(({ id, name, arguments: args }) => ({ id, name, args, type: 'tool_call' }))
    const message = new AIMessage({
      id: `chatcmpl-${++this.#answered}`,
      content: reply.text ?? '',
      tool_calls: tool_calls ?? [],
      usage_metadata: usageMetadata(reply.usage),
      response_metadata: responseMetadata(reply),
    })
    const { input_tokens, output_tokens, total_tokens } = message.usage_metadata
    const tokenUsage = { promptTokens: input_tokens, completionTokens: output_tokens, totalTokens: total_tokens }
    return { generations: [{ text: reply.text ?? '', message }], llmOutput: { tokenUsage } }
  }

  async *_streamResponseChunks(_messages, _options, runManager) {
    const reply = this.#next()
    for (const word of words(reply.text)) {
      const chunk = new ChatGenerationChunk({ text: word, message: new AIMessageChunk({ content: word }) })
      yield chunk
      await runManager?.handleLLMNewToken(word, undefined, undefined, undefined, undefined, { chunk })
    }
    const last = { content: '', usage_metadata: usageMetadata(reply.usage), response_metadata: responseMetadata(reply) }
    yield new ChatGenerationChunk({ text: '', message: new AIMessageChunk(last) })
  }

  #next() {
    const reply = this.#left.shift()
    if (reply.error) throw new Error(reply.error.message)
    return reply
  }
}

function responseMetadata({ toolCalls }) {
  return { model_name: 'gpt-5-mini-2026-01-01', finish_reason: toolCalls ? 'tool_calls' : 'stop' }
}

function usageMetadata({ input, output, cacheRead, cacheWrite, reasoning }) {
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_token_details: { cache_read: cacheRead, cache_creation: cacheWrite },
    output_token_details: { reasoning },
  }
}
