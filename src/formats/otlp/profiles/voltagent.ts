import type { Profile } from './profile.ts'

/** VoltAgent. */
export const voltAgent: Profile = {
  name: 'voltagent',
  version: 1,
  title: 'VoltAgent',
  source: 'https://github.com/VoltAgent/voltagent/tree/main/packages/core/src/observability',
  scopes: ['@voltagent/*', 'voltagent*'],
  signature: ['voltagent.*', 'entity.type'],
  columns: {
    requestModel: ['gen_ai.request.model', 'ai.model.name', 'llm.model', 'agent.model'],
    provider: ['gen_ai.provider.name', 'gen_ai.system', 'ai.model.provider', 'llm.provider'],
    inputTokens: [
      'gen_ai.usage.input_tokens',
      'usage.prompt_tokens',
      'llm.usage.prompt_tokens',
      'ai.usage.prompt_tokens',
    ],
    outputTokens: [
      'gen_ai.usage.output_tokens',
      'usage.completion_tokens',
      'llm.usage.completion_tokens',
      'ai.usage.completion_tokens',
    ],
    totalTokens: ['gen_ai.usage.total_tokens', 'usage.total_tokens', 'llm.usage.total_tokens', 'ai.usage.total_tokens'],
    cacheReadTokens: ['usage.cached_tokens', 'llm.usage.cached_tokens'],
    reasoningTokens: ['usage.reasoning_tokens', 'llm.usage.reasoning_tokens'],
    costUsd: ['usage.cost', 'usage.total_cost', 'voltagent.cost'],
    agentId: ['agent.id', 'entity.id'],
    agentName: ['agent.name', 'gen_ai.agent.name', { from: 'entity.name', for: ['agent'] }],
    sessionId: ['conversation.id', 'voltagent.conversation_id', 'session.id'],
    userId: ['user.id', 'voltagent.user_id'],
    toolName: ['gen_ai.tool.name', 'tool.name', { from: 'entity.name', for: ['tool'] }],
    workflowName: ['workflow.name', { from: 'entity.name', for: ['workflow'] }],
  },
  kinds: [
    {
      attribute: 'span.type',
      is: {
        agent: 'agent',
        llm: 'llm',
        tool: 'tool',
        memory: 'step',
        retriever: 'retrieval',
        embedding: 'embedding',
        workflow: 'workflow',
        'workflow-step': 'step',
        guardrail: 'guardrail',
        middleware: 'step',
        vector: 'retrieval',
      },
    },
    { attribute: 'entity.type', is: { agent: 'agent', workflow: 'workflow', 'workflow-step': 'step', tool: 'tool' } },
  ],
  input: ['input', 'agent.messages', 'llm.messages', 'tool.arguments', 'workflow.input'],
  output: ['output', 'llm.output', 'tool.result', 'workflow.output'],
}
