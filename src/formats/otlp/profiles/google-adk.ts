import type { Profile } from './profile.ts'

const response = (path: string) => ({ from: 'gcp.vertex.agent.llm_response', path })

/** Google's Agent Development Kit. Gemini's candidates leave the thoughts out; its total shows it. */
export const googleAdk: Profile = {
  name: 'google-adk',
  version: 1,
  title: 'Google Agent Development Kit',
  source: 'https://github.com/google/adk-python/blob/main/src/google/adk/telemetry/tracing.py',
  scopes: ['gcp.vertex.agent*'],
  signature: ['gcp.vertex.agent.*'],
  columns: {
    inputTokens: ['gen_ai.usage.input_tokens', response('usage_metadata.prompt_token_count')],
    outputTokens: ['gen_ai.usage.output_tokens', response('usage_metadata.candidates_token_count')],
    totalTokens: [response('usage_metadata.total_token_count'), response('usageMetadata.totalTokenCount')],
    cacheReadTokens: [
      'gen_ai.usage.cache_read.input_tokens',
      response('usage_metadata.cached_content_token_count'),
      response('usageMetadata.cachedContentTokenCount'),
    ],
    reasoningTokens: [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.experimental.reasoning_tokens',
      response('usage_metadata.thoughts_token_count'),
      response('usageMetadata.thoughtsTokenCount'),
    ],
    agentName: ['gen_ai.agent.name', { name: /^agent_run \[(.+)\]$/, for: ['agent'] }],
    toolName: ['gen_ai.tool.name', 'tool.name', { name: /^execute_tool (.+)$/, for: ['tool'] }],
    sessionId: ['gen_ai.conversation.id', 'session.id', 'gcp.vertex.agent.session_id'],
    errorType: ['error.type', response('error_code')],
    statusMessage: response('error_message'),
  },
  kinds: [
    { attribute: 'openinference.span.kind', is: { LLM: 'llm', AGENT: 'agent', TOOL: 'tool', CHAIN: 'step' } },
    {
      attribute: 'gen_ai.operation.name',
      is: { invoke_agent: 'agent', execute_tool: 'tool', generate_content: 'llm', call_llm: 'llm', chat: 'llm' },
    },
    { name: /^(call_llm|generate_content)/, kind: 'llm/generate_content' },
    { name: /^(invoke_agent|agent_run)/, kind: 'agent' },
    { name: /^execute_tool/, kind: 'tool' },
    { name: /^invocation/, kind: 'workflow' },
    { name: /^send_data/, kind: 'step' },
  ],
  input: [
    'gcp.vertex.agent.tool_call_args',
    'gen_ai.input.messages',
    'gcp.vertex.agent.llm_request',
    'gcp.vertex.agent.data',
  ],
  output: ['gcp.vertex.agent.tool_response', 'gen_ai.output.messages', 'gcp.vertex.agent.llm_response'],
  counts: { cachedInInput: true, reasoningInOutput: false, totalDecides: true },
}
