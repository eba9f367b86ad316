import type { KindRule, Profile } from './profile.ts'

const kinds: readonly KindRule[] = [
  {
    attribute: 'openinference.span.kind',
    is: {
      LLM: 'llm',
      AGENT: 'agent',
      TOOL: 'tool',
      CHAIN: 'step',
      PROMPT: 'step',
      RETRIEVER: 'retrieval',
      EMBEDDING: 'embedding',
      RERANKER: 'rerank',
      GUARDRAIL: 'guardrail',
      EVALUATOR: 'evaluation',
    },
  },
]

/** OpenInference, Python and JavaScript. */
export const openInference: Profile = {
  name: 'openinference',
  version: 1,
  title: 'OpenInference',
  source: 'https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md',
  scopes: ['openinference.instrumentation*', '@arizeai/openinference*'],
  signature: ['openinference.span.kind', 'llm.token_count.*', 'llm.input_messages.*', 'llm.output_messages.*'],
  columns: {
    provider: ['llm.provider', 'llm.system'],
    requestModel: ['llm.request.model_name', 'llm.model_name', 'embedding.model_name', 'reranker.model_name'],
    responseModel: ['llm.response.model_name'],
    finishReasons: ['llm.finish_reason', 'llm.response.finish_reason', 'llm.output_messages.*.message.finish_reason'],
    inputTokens: 'llm.token_count.prompt',
    outputTokens: 'llm.token_count.completion',
    totalTokens: 'llm.token_count.total',
    cacheReadTokens: [
      'llm.token_count.prompt_details.cache_read',
      'llm.token_count.prompt_details.cached',
      'llm.token_count.prompt_details.cache_input',
      'llm.token_count.cache_read',
    ],
    cacheCreationTokens: ['llm.token_count.prompt_details.cache_write', 'llm.token_count.cache_write'],
    reasoningTokens: [
      'llm.token_count.completion_details.reasoning',
      'llm.token_count.reasoning_tokens',
      'llm.token_count.reasoning',
    ],
    costUsd: ['llm.cost.total', 'llm.cost.total_usd'],
    toolName: 'tool.name',
    toolCallId: ['tool.id', 'tool_call.id', 'tool_call.function.id'],
    agentName: ['agent.name', { name: /^agent_run \[(.+)\]$/, for: ['agent'] }],
    sessionId: 'session.id',
    userId: 'user.id',
    tags: 'tag.tags',
    metadata: 'metadata',
  },
  kinds,
  input: [
    'input.value',
    { numbered: 'llm.input_messages' },
    { numbered: 'llm.prompts' },
    { numbered: 'reranker.input_documents' },
    { numbered: 'embedding.embeddings' },
    'reranker.query',
    'embedding.text',
    'tool.parameters',
  ],
  output: [
    'output.value',
    { numbered: 'llm.output_messages' },
    { numbered: 'llm.choices' },
    { numbered: 'retrieval.documents' },
    { numbered: 'reranker.output_documents' },
  ],
  ignored: [
    'llm.tools.*',
    'llm.token_count.*',
    'llm.cost.*',
    'llm.invocation_parameters',
    'llm.function_call',
    'tool.*',
  ],
  counts: { cachedInInput: true, reasoningInOutput: true, totalDecides: true },
}

/** Instrumentations of OpenInference that pass on Anthropic's counts, which leave cached tokens out of input. */
export const openInferenceApart: Profile = {
  ...openInference,
  name: 'openinference-anthropic-counts',
  title: 'OpenInference for the Claude Agent SDK, and for Bedrock in JavaScript',
  scopes: [
    'openinference.instrumentation.claude_agent_sdk*',
    '@arizeai/openinference-instrumentation-claude-agent-sdk*',
    '@arizeai/openinference-instrumentation-bedrock*',
  ],
  signature: [],
  counts: { cachedInInput: false, reasoningInOutput: true },
}
