import type { Profile } from './profile.ts'

const usage = (path: string) => ({ from: 'langfuse.observation.usage_details', path })
const cost = (path: string) => ({ from: 'langfuse.observation.cost_details', path })

/** The SDKs of Langfuse, version 3 and later, and what others write for its endpoint. */
export const langfuse: Profile = {
  name: 'langfuse',
  version: 1,
  title: 'Langfuse SDK',
  source: 'https://langfuse.com/integrations/native/opentelemetry',
  scopes: ['langfuse-sdk*', '@langfuse/*', 'langfuse*'],
  signature: ['langfuse.*'],
  columns: {
    requestModel: ['langfuse.observation.model.name', 'langfuse.observation.model'],
    inputTokens: [
      usage('input'),
      usage('input_tokens'),
      usage('prompt_tokens'),
      usage('promptTokens'),
      usage('inputTokens'),
    ],
    outputTokens: [
      usage('output'),
      usage('output_tokens'),
      usage('completion_tokens'),
      usage('completionTokens'),
      usage('outputTokens'),
    ],
    totalTokens: [usage('total'), usage('total_tokens'), usage('totalTokens')],
    cacheReadTokens: [
      usage('input_cache_read'),
      usage('input_cached_tokens'),
      usage('cache_read_input_tokens'),
      usage('input_cached'),
      usage('prompt_tokens_details.cached_tokens'),
      usage('input_tokens_details.cached_tokens'),
    ],
    cacheCreationTokens: [
      usage('input_cache_creation'),
      usage('cache_creation_input_tokens'),
      usage('input_cache_write'),
    ],
    reasoningTokens: [
      usage('output_reasoning'),
      usage('output_reasoning_tokens'),
      usage('reasoning_tokens'),
      usage('completion_tokens_details.reasoning_tokens'),
      usage('output_tokens_details.reasoning_tokens'),
    ],
    costUsd: [cost('total'), cost('total_cost'), cost('totalCost')],
    timeToFirstChunkMs: { from: 'langfuse.observation.completion_start_time', as: 'instant' },
    toolName: ['gen_ai.tool.name', { name: /^(.+)$/, for: ['tool'] }],
    agentName: ['gen_ai.agent.name', { name: /^(.+)$/, for: ['agent'] }],
    sessionId: ['langfuse.session.id', 'session.id', 'langfuse.trace.session_id'],
    userId: ['langfuse.user.id', 'user.id', 'langfuse.trace.user_id'],
    environment: ['langfuse.environment', { from: 'langfuse.environment', of: 'resource' }],
    statusMessage: 'langfuse.observation.status_message',
    failed: 'langfuse.observation.level',
    tags: ['langfuse.tags'],
    metadata: ['langfuse.metadata.*'],
    traceTags: ['langfuse.trace.tags'],
    traceMetadata: ['langfuse.trace.metadata', 'langfuse.trace.metadata.*'],
    traceName: 'langfuse.trace.name',
  },
  kinds: [
    {
      attribute: 'langfuse.observation.type',
      is: {
        generation: 'llm',
        agent: 'agent',
        tool: 'tool',
        chain: 'step',
        span: 'step',
        retriever: 'retrieval',
        embedding: 'embedding',
        guardrail: 'guardrail',
        evaluator: 'evaluation',
        event: 'other',
      },
    },
  ],
  input: ['langfuse.observation.input', 'langfuse.trace.input'],
  output: ['langfuse.observation.output', 'langfuse.trace.output'],
  counts: { cachedInInput: false, reasoningInOutput: false, totalDecides: true },
}
