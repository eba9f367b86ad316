import type { Profile } from './profile.ts'

const metadata = (path: string) => ({ from: 'ai.response.providerMetadata', path })

/** The AI SDK of Vercel: versions 3 to 6, and the legacy integration of 7. */
export const aiSdk: Profile = {
  name: 'ai-sdk',
  version: 1,
  title: 'Vercel AI SDK 6 and the legacy integration of 7',
  source: 'https://ai-sdk.dev/docs/ai-sdk-core/telemetry',
  scopes: ['ai'],
  signature: ['ai.operationId', 'ai.model.id', 'ai.usage.*', 'ai.prompt.messages', 'ai.telemetry.*'],
  columns: {
    provider: ['gen_ai.provider.name', 'gen_ai.system', 'ai.model.provider'],
    requestModel: 'ai.model.id',
    responseModel: 'ai.response.model',
    responseId: 'ai.response.id',
    finishReasons: ['gen_ai.response.finish_reasons', 'ai.response.finishReason', 'ai.finishReason'],
    inputTokens: ['gen_ai.usage.input_tokens', 'ai.usage.inputTokens', 'ai.usage.promptTokens', 'ai.usage.tokens'],
    outputTokens: ['gen_ai.usage.output_tokens', 'ai.usage.outputTokens', 'ai.usage.completionTokens'],
    totalTokens: 'ai.usage.totalTokens',
    cacheReadTokens: [
      'gen_ai.usage.cache_read.input_tokens',
      'ai.usage.inputTokenDetails.cacheReadTokens',
      'ai.usage.cachedInputTokens',
      metadata('anthropic.usage.cache_read_input_tokens'),
      metadata('anthropic.cacheReadInputTokens'),
      metadata('bedrock.usage.cacheReadInputTokens'),
      metadata('openai.cachedPromptTokens'),
      metadata('google.usageMetadata.cachedContentTokenCount'),
      metadata('vertex.usageMetadata.cachedContentTokenCount'),
    ],
    cacheCreationTokens: [
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_write.input_tokens',
      'ai.usage.inputTokenDetails.cacheWriteTokens',
      metadata('anthropic.usage.cache_creation_input_tokens'),
      metadata('anthropic.cacheCreationInputTokens'),
      metadata('bedrock.usage.cacheWriteInputTokens'),
    ],
    reasoningTokens: [
      'ai.usage.outputTokenDetails.reasoningTokens',
      'ai.usage.reasoningTokens',
      metadata('openai.reasoningTokens'),
      metadata('google.usageMetadata.thoughtsTokenCount'),
      metadata('vertex.usageMetadata.thoughtsTokenCount'),
    ],
    uncachedInputTokens: [
      'ai.usage.inputTokenDetails.noCacheTokens',
      metadata('anthropic.usage.input_tokens'),
      metadata('bedrock.usage.inputTokens'),
    ],
    costUsd: [
      metadata('gateway.cost'),
      metadata('openrouter.usage.cost'),
      metadata('openrouter.cost'),
      metadata('gateway.marketCost'),
    ],
    timeToFirstChunkMs: [
      'gen_ai.client.operation.time_to_first_chunk',
      { from: 'ai.response.msToFirstChunk', as: 'milliseconds' },
      { from: 'ai.stream.msToFirstChunk', as: 'milliseconds' },
    ],
    toolName: 'ai.toolCall.name',
    toolCallId: 'ai.toolCall.id',
    sessionId: [
      'ai.telemetry.metadata.sessionId',
      'ai.telemetry.metadata.session_id',
      'ai.telemetry.metadata.threadId',
      'ai.telemetry.metadata.conversationId',
      'ai.settings.context.sessionId',
      'ai.settings.context.session_id',
      'ai.settings.context.threadId',
    ],
    userId: [
      'ai.telemetry.metadata.userId',
      'ai.telemetry.metadata.user_id',
      'ai.settings.context.userId',
      'ai.settings.context.user_id',
    ],
    environment: ['ai.telemetry.metadata.environment', 'ai.settings.context.environment'],
    agentName: ['gen_ai.agent.name', 'ai.telemetry.functionId'],
    tags: ['ai.telemetry.metadata.tags', 'ai.settings.context.tags'],
    metadata: ['ai.telemetry.metadata.*', 'ai.settings.context.*'],
  },
  kinds: [
    { attribute: 'ai.operationId', is: { 'ai.toolCall': 'tool' } },
    { attribute: 'ai.operationId', like: /^ai\.embed\w*\.do/, kind: 'embedding' },
    { attribute: 'ai.operationId', like: /^ai\.rerank\.do/, kind: 'rerank' },
    { attribute: 'ai.operationId', like: /^ai\.\w+\.do/, kind: 'llm' },
    { attribute: 'ai.operationId', like: /^ai\.(embed|rerank)/, kind: 'step', repeatsUsage: true },
    { attribute: 'ai.operationId', like: /^ai\./, kind: 'agent', repeatsUsage: true },
  ],
  input: [
    'ai.prompt.messages',
    'ai.prompt',
    'ai.toolCall.args',
    'ai.toolCall.input',
    'ai.values',
    'ai.value',
    'ai.documents',
  ],
  output: [
    ['ai.response.text', 'ai.response.reasoning', 'ai.response.toolCalls', 'ai.response.files'],
    ['ai.response.reasoning', 'ai.response.toolCalls'],
    'ai.response.toolCalls',
    ['ai.result.text', 'ai.result.toolCalls'],
    'ai.result.toolCalls',
    'ai.response.object',
    'ai.result.object',
    'ai.toolCall.result',
    'ai.toolCall.output',
    'ai.embeddings',
    'ai.embedding',
    'ai.ranking',
  ],
  ignored: ['ai.usage.*', 'ai.settings.*', 'ai.response.avgOutputTokensPerSecond', 'ai.model.*', 'ai.prompt.*'],
  counts: { cachedInInput: true, reasoningInOutput: true },
}

/** Before version 6 what Anthropic and Bedrock report is passed on: input without the cached tokens. */
export const aiSdk5: Profile = {
  ...aiSdk,
  name: 'ai-sdk-5',
  title: 'Vercel AI SDK 3 to 5',
  signature: ['ai.request.headers.user-agent'],
  when: { 'ai.request.headers.user-agent': /^ai\/[0-5]\./ },
  counts: { cachedInInput: true, reasoningInOutput: true, cachedApartFor: /anthropic|bedrock/i },
}

/** `@ai-sdk/otel` writes OpenTelemetry's names, and what they have no name for under `ai.`. */
export const aiSdk7: Profile = {
  ...aiSdk,
  name: 'ai-sdk-7',
  title: 'Vercel AI SDK 7 (`@ai-sdk/otel`)',
  scopes: ['gen_ai', '@ai-sdk/otel*'],
  signature: [],
}
