import type { Profile } from './profile.ts'

/** The spans that Anthropic's SDKs make themselves; cached tokens are part of their input. */
export const anthropicSdk: Profile = {
  name: 'anthropic-sdk',
  version: 1,
  title: 'Anthropic SDK',
  source: 'https://github.com/anthropics/anthropic-sdk-typescript',
  scopes: ['com.anthropic.sdk*'],
  signature: ['anthropic.message.*'],
  columns: {
    finishReasons: ['gen_ai.response.finish_reasons', 'anthropic.message.stop_reason'],
    responseId: ['gen_ai.response.id', 'anthropic.message.id'],
  },
  kinds: [
    { name: /^anthropic\.(beta\.)?messages\.(create|stream|parse)/, kind: 'llm' },
    { name: /^anthropic\.(beta\.)?messages\.count_tokens/, kind: 'other' },
  ],
  ignored: ['anthropic.tool_result.*', 'anthropic.usage.cache_creation.*'],
  counts: { cachedInInput: true, reasoningInOutput: true },
}
