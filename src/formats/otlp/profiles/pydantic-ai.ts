import type { Profile } from './profile.ts'

/** Pydantic AI, and Logfire's own instrumentations. */
export const pydanticAi: Profile = {
  name: 'pydantic-ai',
  version: 1,
  title: 'Pydantic AI and Logfire',
  source: 'https://ai.pydantic.dev/logfire/',
  scopes: ['pydantic-ai*', 'pydantic_ai*', 'logfire*'],
  signature: ['pydantic_ai.*', 'logfire.msg'],
  columns: {
    requestModel: ['gen_ai.request.model', 'model_name', { from: 'request_data', path: 'model' }],
    responseModel: ['gen_ai.response.model', { from: 'response_data', path: 'model' }],
    inputTokens: [
      'gen_ai.usage.input_tokens',
      { from: 'response_data', path: 'usage.input_tokens' },
      { from: 'response_data', path: 'usage.prompt_tokens' },
    ],
    outputTokens: [
      'gen_ai.usage.output_tokens',
      { from: 'response_data', path: 'usage.output_tokens' },
      { from: 'response_data', path: 'usage.completion_tokens' },
    ],
    agentName: ['gen_ai.agent.name', 'agent_name'],
    costUsd: 'operation.cost',
    tags: 'logfire.tags',
    failed: 'logfire.level_num',
  },
  kinds: [
    {
      attribute: 'gen_ai.operation.name',
      is: { chat: 'llm', embeddings: 'embedding', invoke_agent: 'agent', execute_tool: 'tool' },
    },
    { attribute: 'gen_ai.tool.name', kind: 'tool' },
    { attribute: 'tools', kind: 'step' },
    { attribute: 'agent_name', kind: 'agent' },
    { attribute: 'pydantic_ai.all_messages', kind: 'agent' },
    { attribute: 'all_messages_events', kind: 'agent' },
    { name: /^running \d+ tools?$/, kind: 'step' },
  ],
  input: [
    'gen_ai.input.messages',
    'gen_ai.tool.call.arguments',
    'tool_arguments',
    'pydantic_ai.all_messages',
    'all_messages_events',
    'events',
    'request_data',
  ],
  output: ['gen_ai.output.messages', 'gen_ai.tool.call.result', 'tool_response', 'final_result', 'response_data'],
  counts: { cachedInInput: true, reasoningInOutput: true },
}
