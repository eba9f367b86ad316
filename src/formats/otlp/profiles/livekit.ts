import type { Profile } from './profile.ts'

const metrics = (path: string, as?: 'seconds') => ({ from: 'lk.llm_metrics', path, ...(as && { as }) })

/** Voice agents: LiveKit Agents and Pipecat. */
export const livekit: Profile = {
  name: 'livekit',
  version: 1,
  title: 'LiveKit Agents',
  source: 'https://github.com/livekit/agents/blob/main/livekit-agents/livekit/agents/telemetry/trace_types.py',
  scopes: ['livekit*'],
  signature: ['lk.*'],
  columns: {
    requestModel: ['gen_ai.request.model', metrics('metadata.model_name')],
    inputTokens: ['gen_ai.usage.input_tokens', metrics('prompt_tokens')],
    outputTokens: ['gen_ai.usage.output_tokens', metrics('completion_tokens')],
    cacheReadTokens: ['gen_ai.usage.input_cached_tokens', metrics('prompt_cached_tokens')],
    timeToFirstChunkMs: ['lk.response.ttft', metrics('ttft', 'seconds')],
    toolName: ['gen_ai.tool.name', 'lk.function_tool.name'],
    toolCallId: ['gen_ai.tool.call.id', 'lk.function_tool.id'],
    failed: 'lk.function_tool.is_error',
    agentName: ['gen_ai.agent.name', 'lk.agent_name', 'lk.agent_label'],
    sessionId: ['gen_ai.conversation.id', 'lk.room_name', 'lk.job_id'],
    userId: ['user.id', 'lk.participant_identity', 'lk.participant_id'],
  },
  kinds: [
    { attribute: 'gen_ai.operation.name', is: { chat: 'llm', execute_tool: 'tool' } },
    { name: /^(llm_request|llm_request_run|realtime_metrics)$/, kind: 'llm' },
    { name: /^function_tool$/, kind: 'tool' },
    { name: /^agent_session$/, kind: 'workflow' },
    { name: /^(agent_turn|start_agent_activity)$/, kind: 'agent' },
    {
      name: /^(llm_node|tts_node|tts_request|stt_node|user_turn|agent_speaking|user_speaking|eou_detection|on_enter|on_exit)/,
      kind: 'step',
    },
  ],
  input: [
    'lk.chat_ctx',
    'lk.function_tool.arguments',
    'lk.user_input',
    'lk.user_transcript',
    'lk.input_text',
    'lk.instructions',
  ],
  output: [['lk.response.text', 'lk.response.function_calls'], 'lk.response.function_calls', 'lk.function_tool.output'],
  counts: { cachedInInput: true, reasoningInOutput: true, totalDecides: true },
}

/** Pipecat's spans of a conversation's turns. */
export const pipecat: Profile = {
  name: 'pipecat',
  version: 1,
  title: 'Pipecat',
  source: 'https://github.com/pipecat-ai/pipecat/blob/main/src/pipecat/utils/tracing/service_attributes.py',
  scopes: ['pipecat*'],
  signature: ['turn.number', 'metrics.ttfb'],
  columns: {
    timeToFirstChunkMs: 'metrics.ttfb',
    sessionId: ['gen_ai.conversation.id', 'conversation.id'],
    toolName: ['gen_ai.tool.name', 'tool.function_name'],
    toolCallId: ['gen_ai.tool.call.id', 'tool.call_id'],
  },
  kinds: [
    { attribute: 'gen_ai.operation.name', is: { chat: 'llm' } },
    { name: /^llm/, kind: 'llm' },
    { name: /^(conversation)$/, kind: 'workflow' },
    { name: /^(turn|stt|tts)/, kind: 'step' },
  ],
  input: ['input', 'transcript', 'text', 'tool.arguments', 'function_call.arguments'],
  output: ['output', 'tool.result', 'tool_result'],
}
