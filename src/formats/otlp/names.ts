/**
 * The one alias table: which attributes say what a column of a span holds, in order of preference. First come the
 * OpenTelemetry GenAI names (still in development, so older spellings follow), then OpenInference (`llm.`), OpenLLMetry
 * (`traceloop.`, `llm.usage.`) and the Vercel AI SDK (`ai.`).
 */
export const columnNames = {
  operation: ['gen_ai.operation.name'],
  provider: ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system', 'ai.model.provider'],
  requestModel: [
    'gen_ai.request.model',
    'llm.model_name',
    'embedding.model_name',
    'reranker.model_name',
    'llm.request.model',
    'ai.model.id',
  ],
  responseModel: ['gen_ai.response.model', 'llm.response.model', 'ai.response.model'],
  responseId: ['gen_ai.response.id', 'ai.response.id'],
  finishReasons: ['gen_ai.response.finish_reasons', 'llm.response.finish_reason', 'ai.response.finishReason'],
  inputTokens: [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'llm.token_count.prompt',
    'llm.usage.prompt_tokens',
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
    'ai.usage.tokens',
  ],
  outputTokens: [
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.token_count.completion',
    'llm.usage.completion_tokens',
    'ai.usage.outputTokens',
    'ai.usage.completionTokens',
  ],
  totalTokens: ['gen_ai.usage.total_tokens', 'llm.token_count.total', 'llm.usage.total_tokens', 'ai.usage.totalTokens'],
  cacheReadTokens: [
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'llm.token_count.prompt_details.cache_read',
    'llm.usage.cache_read_input_tokens',
    'ai.usage.inputTokenDetails.cacheReadTokens',
    'ai.usage.cachedInputTokens',
  ],
  cacheCreationTokens: [
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'gen_ai.usage.cache_write_input_tokens',
    'llm.token_count.prompt_details.cache_write',
    'llm.usage.cache_creation_input_tokens',
    'ai.usage.inputTokenDetails.cacheWriteTokens',
  ],
  reasoningTokens: [
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.reasoning_tokens',
    'llm.token_count.completion_details.reasoning',
    'llm.usage.reasoning_tokens',
    'ai.usage.outputTokenDetails.reasoningTokens',
    'ai.usage.reasoningTokens',
  ],
  costUsd: ['tracehold.cost_usd', 'llm.cost.total', 'gen_ai.usage.cost'],
  /** In seconds. */
  timeToFirstChunk: ['gen_ai.response.time_to_first_chunk'],
  timeToFirstChunkMs: ['ai.response.msToFirstChunk'],
  toolName: ['gen_ai.tool.name', 'tool.name', 'ai.toolCall.name'],
  toolType: ['gen_ai.tool.type'],
  toolCallId: ['gen_ai.tool.call.id', 'tool_call.id', 'ai.toolCall.id'],
  mcpMethod: ['mcp.method.name'],
  mcpServer: ['mcp.server.name'],
  mcpSessionId: ['mcp.session.id'],
  sessionId: [
    'gen_ai.conversation.id',
    'session.id',
    'traceloop.association.properties.session_id',
    'ai.telemetry.metadata.sessionId',
  ],
  userId: ['user.id', 'enduser.id', 'traceloop.association.properties.user_id', 'ai.telemetry.metadata.userId'],
  serviceName: ['service.name'],
  environment: ['deployment.environment.name', 'deployment.environment'],
  agentId: ['gen_ai.agent.id'],
  agentName: ['gen_ai.agent.name', 'agent.name', 'ai.telemetry.functionId'],
  agentVersion: ['gen_ai.agent.version'],
  workflowName: ['gen_ai.workflow.name', 'traceloop.workflow.name'],
  errorType: ['error.type'],
} as const satisfies Record<string, readonly string[]>

/** What an attribute can be the source of. */
export type NamedColumn = keyof typeof columnNames

/** The attributes that hold what went into a span, the first one present moves to `input`. */
export const inputNames = [
  'gen_ai.input.messages',
  'gen_ai.tool.call.arguments',
  'ai.prompt.messages',
  'ai.prompt',
  'ai.toolCall.args',
  'ai.values',
  'ai.value',
  'traceloop.entity.input',
  'input.value',
  'gen_ai.prompt',
  'gen_ai.system_instructions',
] as const

/** The attributes that hold what came out of a span, the first one present moves to `output`. */
export const outputNames = [
  'gen_ai.output.messages',
  'gen_ai.tool.call.result',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolCalls',
  'ai.toolCall.result',
  'ai.embeddings',
  'ai.embedding',
  'traceloop.entity.output',
  'output.value',
  'gen_ai.completion',
] as const

/** The attributes that say what a span did, beside `gen_ai.operation.name`. */
export const kindNames = {
  openinference: 'openinference.span.kind',
  traceloop: 'traceloop.span.kind',
  traceloopRequest: 'llm.request.type',
  traceloopEntity: 'traceloop.entity.name',
  aiSdk: 'ai.operationId',
} as const
