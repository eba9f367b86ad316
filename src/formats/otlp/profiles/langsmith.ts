import type { Profile } from './profile.ts'

/** The OpenTelemetry exporter of LangSmith. It calls all unknown runs `embeddings`, so its own kind comes first. */
export const langSmith: Profile = {
  name: 'langsmith',
  version: 1,
  title: 'LangSmith',
  source: 'https://github.com/langchain-ai/langsmith-sdk/blob/main/python/langsmith/_internal/otel/_otel_exporter.py',
  scopes: ['langsmith*'],
  signature: ['langsmith.*'],
  columns: {
    requestModel: ['gen_ai.request.model', 'langsmith.metadata.ls_model_name'],
    provider: ['langsmith.metadata.ls_provider', 'gen_ai.provider.name', 'gen_ai.system'],
    finishReasons: 'gen_ai.response.finish_reasons',
    cacheReadTokens: [
      { from: 'gen_ai.usage.input_token_details', path: 'cache_read' },
      'gen_ai.usage.input_token_details.cache_read',
    ],
    cacheCreationTokens: [
      { from: 'gen_ai.usage.input_token_details', path: 'cache_creation' },
      'gen_ai.usage.input_token_details.cache_creation',
    ],
    reasoningTokens: [
      { from: 'gen_ai.usage.output_token_details', path: 'reasoning' },
      'gen_ai.usage.output_token_details.reasoning',
    ],
    costUsd: ['langsmith.usage.total_cost', 'langsmith.metadata.total_cost', 'gen_ai.usage.total_cost'],
    toolName: ['gen_ai.tool.name', { from: 'langsmith.trace.name', for: ['tool'] }, { name: /^(.+)$/, for: ['tool'] }],
    sessionId: [
      'langsmith.metadata.session_id',
      'langsmith.metadata.thread_id',
      'langsmith.metadata.conversation_id',
      'langsmith.trace.session_id',
    ],
    userId: ['langsmith.metadata.user_id', 'langsmith.metadata.userId'],
    tags: 'langsmith.span.tags',
    metadata: 'langsmith.metadata.*',
  },
  kinds: [
    {
      attribute: 'langsmith.span.kind',
      is: {
        llm: 'llm',
        chain: 'step',
        tool: 'tool',
        retriever: 'retrieval',
        embedding: 'embedding',
        prompt: 'step',
        parser: 'step',
        agent: 'agent',
      },
    },
  ],
  counts: { cachedInInput: true, reasoningInOutput: true },
}
