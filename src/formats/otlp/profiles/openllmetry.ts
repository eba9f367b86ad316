import type { Profile } from './profile.ts'

/** OpenLLMetry (Traceloop), Python and JavaScript. */
export const openLlmetry: Profile = {
  name: 'openllmetry',
  version: 1,
  title: 'OpenLLMetry',
  source: 'https://github.com/traceloop/openllmetry/tree/main/packages/opentelemetry-semantic-conventions-ai',
  scopes: [
    'traceloop.tracer*',
    '@traceloop/*',
    'opentelemetry.instrumentation.openai.v*',
    'opentelemetry.instrumentation.anthropic*',
    'opentelemetry.instrumentation.bedrock*',
    'opentelemetry.instrumentation.crewai*',
    'opentelemetry.instrumentation.langchain*',
    'opentelemetry.instrumentation.llamaindex*',
  ],
  signature: ['traceloop.*', 'llm.request.type', 'llm.usage.*', 'crewai.*'],
  columns: {
    toolName: ['gen_ai.tool.name', { from: 'traceloop.entity.name', for: ['tool'] }],
    totalTokens: ['llm.usage.total_tokens', 'gen_ai.usage.total_tokens'],
    timeToFirstChunkMs: ['llm.chat_completions.streaming.time_to_first_token', 'gen_ai.client.token.time_to_first'],
    finishReasons: ['gen_ai.completion.*.finish_reason'],
    workflowName: ['traceloop.workflow.name', 'crewai.crew.name', { from: 'traceloop.entity.name', for: ['workflow'] }],
    agentName: ['gen_ai.agent.name', 'crewai.agent.role', { from: 'traceloop.entity.name', for: ['agent'] }],
    sessionId: [
      'traceloop.association.properties.session_id',
      'traceloop.association.properties.sessionId',
      'traceloop.association.properties.conversation_id',
      'traceloop.association.properties.chat_id',
      'traceloop.association.properties.thread_id',
    ],
    userId: ['traceloop.association.properties.user_id', 'traceloop.association.properties.userId'],
    tags: 'traceloop.association.properties.tags',
    metadata: ['traceloop.association.properties.*'],
  },
  kinds: [
    {
      attribute: 'traceloop.span.kind',
      is: { workflow: 'workflow', agent: 'agent', tool: 'tool', task: 'step', unknown: 'step' },
    },
    {
      attribute: 'llm.request.type',
      is: { chat: 'llm', completion: 'llm/text_completion', embedding: 'embedding', rerank: 'rerank' },
    },
    { name: /^crewai\.workflow$|\.workflow$/, kind: 'workflow' },
    { name: /\.agent$/, kind: 'agent' },
    { name: /\.task$/, kind: 'step' },
    { name: /\.tool$/, kind: 'tool' },
  ],
  input: [
    { numbered: 'gen_ai.prompt' },
    'traceloop.entity.input',
    { numbered: 'llm.prompts' },
    'crewai.task.description',
  ],
  output: [
    { numbered: 'gen_ai.completion' },
    'traceloop.entity.output',
    { numbered: 'llm.completions' },
    'crewai.crew.result',
    'crewai.task.output',
  ],
  counts: { cachedInInput: true, reasoningInOutput: true, totalDecides: true },
}
