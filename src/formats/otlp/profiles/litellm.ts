import type { Profile } from './profile.ts'

/** LiteLLM's proxy and SDK. */
export const liteLlm: Profile = {
  name: 'litellm',
  version: 1,
  title: 'LiteLLM',
  source: 'https://github.com/BerriAI/litellm/blob/main/litellm/integrations/opentelemetry.py',
  scopes: ['litellm*'],
  signature: ['litellm.*', 'llm.is_streaming.*', 'hidden_params'],
  columns: {
    requestModel: ['gen_ai.request.model', 'llm.request.model', 'model'],
    costUsd: [
      'gen_ai.cost.total_cost',
      'response_cost',
      { from: 'hidden_params', path: 'response_cost' },
      'llm.response.cost',
    ],
    sessionId: ['metadata.session_id', 'metadata.litellm_session_id', 'session.id'],
    userId: ['llm.user', 'metadata.user_api_key_end_user_id', 'metadata.user_api_key_user_id'],
    tags: ['metadata.tags', 'request_tags', 'metadata.requester_metadata.tags'],
    metadata: ['metadata.requester_metadata', 'metadata.*'],
  },
  kinds: [
    { name: /^(litellm_request|raw_gen_ai_request)/, kind: 'llm' },
    {
      name: /^(Received Proxy Server Request|auth|proxy_pre_call|self|router|redis|postgres|batch_write_to_db)/,
      kind: 'other',
    },
    {
      attribute: 'gen_ai.operation.name',
      is: {
        completion: 'llm',
        acompletion: 'llm',
        embedding: 'embedding',
        aembedding: 'embedding',
        responses: 'llm',
        aresponses: 'llm',
        anthropic_messages: 'llm',
      },
    },
    { name: /^guardrail/, kind: 'guardrail' },
  ],
  counts: { cachedInInput: true, reasoningInOutput: true, totalDecides: true },
}
