import { microsFromIso } from '../../../schema/time.ts'
import { jsonOf } from '../../text/json-of.ts'
import { addGenAiSpan, type GenAiError, type GenAiSpan, named, usageAttributes } from '../gen-ai-span.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import {
  absent,
  isObject,
  optionalText,
  requiredObject,
  requiredText,
  ShapeError,
  type Unknowns,
} from '../shape-error.ts'

const scope = { name: '@openai/agents' }

/** Whether a document is a trace or a span as the OpenAI Agents SDKs export them. */
export const isAgentsItem = (document: unknown): boolean =>
  isObject(document) && (document.object === 'trace' || document.object === 'trace.span')

/**
 * The records of a trace or a span that an OpenAI Agents SDK exported (`toJSON()`), in JavaScript or Python.
 *
 * @param document the parsed JSON; a span of the running SDK may have `_response` and `_input` in its data as well
 */
export function readAgentsItem(document: unknown): ReadResult {
  const result = emptyResult()
  try {
    const item = requiredObject(document, '')
    if (item.object === 'trace') addTrace(result, item)
    else addGenAiSpan(result, readSpan(item), scope)
  } catch (error) {
    result.rejected.push(ShapeError.rejection(error, ''))
  }
  return result
}

function addTrace(result: ReadResult, trace: Unknowns): void {
  const metadata = jsonOf(trace.metadata)
  const object = isObject(metadata) ? metadata : {}
  const userId = object.userId ?? object.user_id ?? object['user.id']
  result.traces.push({
    traceId: requiredText(trace.id, 'id'),
    name: optionalText(trace.workflow_name, 'workflow_name') || null,
    sessionId: optionalText(trace.group_id, 'group_id') || null,
    userId: typeof userId === 'string' ? userId : null,
    ...(Object.keys(object).length > 0 && { metadata: object as Record<string, never> }),
  })
}

function readSpan(item: Unknowns): GenAiSpan {
  const data = dataOf(item)
  const type = optionalText(data.type, 'span_data.type')
  const read = readers[type] ?? readOther
  const { name, attributes } = read(data, type)
  return {
    traceId: requiredText(item.trace_id, 'trace_id'),
    spanId: requiredText(item.id, 'id'),
    parentSpanId: optionalText(item.parent_id, 'parent_id') || null,
    name,
    startMicros: instant(item.started_at, 'started_at'),
    endMicros: absent(item.ended_at) ? null : instant(item.ended_at, 'ended_at'),
    error: errorOf(item.error),
    attributes: { 'openai_agents.type': type || undefined, ...attributes },
  }
}

/** Tasks and turns are exported as custom spans that say what they are. */
function dataOf(item: Unknowns): Unknowns {
  const data = objectOf(item.span_data)
  const inside = objectOf(data.data)
  const type = inside.sdk_span_type
  return data.type === 'custom' && typeof type === 'string' ? { ...inside, name: inside.name ?? data.name, type } : data
}

function errorOf(value: unknown): GenAiError | undefined {
  if (!isObject(value)) return undefined
  const { error } = objectOf(value.data)
  const detail = typeof error === 'string' ? error : undefined
  const message = typeof value.message === 'string' ? value.message : null
  return { message: detail === undefined ? message : `${message}: ${detail}` }
}

function instant(value: unknown, path: string): number {
  const text = requiredText(value, path)
  const micros = microsFromIso(text)
  if (Number.isNaN(micros)) throw new ShapeError(path, 'must be an ISO-8601 instant')
  return micros
}

interface Named {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

type Reader = (data: Unknowns, type: string) => Named

/** A detail of another shape costs nothing but itself. */
const objectOf = (value: unknown): Unknowns => (isObject(value) ? value : {})

const operation = (name: string) => ({ 'gen_ai.operation.name': name })

const readers: Readonly<Record<string, Reader>> = {
  agent: ({ name, tools, handoffs, output_type }) => ({
    name: named('invoke_agent', name),
    attributes: {
      ...operation('invoke_agent'),
      'gen_ai.agent.name': name,
      'openai_agents.tools': tools,
      'openai_agents.handoffs': handoffs,
      'openai_agents.output_type': output_type,
    },
  }),
  generation: readGeneration,
  response: readResponse,
  function: ({ name, input, output, mcp_data }) => ({
    name: named('execute_tool', name),
    attributes: {
      ...operation('execute_tool'),
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.arguments': input,
      'gen_ai.tool.call.result': output,
      'openai_agents.mcp_data': mcp_data,
    },
  }),
  handoff: ({ from_agent, to_agent }) => ({
    name: named('handoff', to_agent),
    attributes: { ...operation('handoff'), 'openai_agents.from_agent': from_agent, 'openai_agents.to_agent': to_agent },
  }),
  guardrail: ({ name, triggered }) => ({
    name: named('guardrail', name),
    attributes: { ...operation('guardrail'), 'openai_agents.guardrail': name, 'openai_agents.triggered': triggered },
  }),
  mcp_tools: ({ server, result }) => ({
    name: named('tools/list', server),
    attributes: { 'mcp.method.name': 'tools/list', 'mcp.server.name': server, output: result },
  }),
  turn: ({ turn, agent_name, usage }) => ({
    name: named('turn', turn === undefined ? undefined : String(turn)),
    attributes: { ...operation('agent_step'), 'gen_ai.agent.name': agent_name, ...ofLoop(usage) },
  }),
  task: ({ name, usage }) => ({
    name: named('invoke_workflow', name),
    attributes: { ...operation('invoke_workflow'), 'gen_ai.workflow.name': name, ...ofLoop(usage) },
  }),
  transcription: ({ model, output }) => ({
    name: named('transcription', model),
    attributes: { ...operation('transcription'), 'gen_ai.request.model': model, output },
  }),
  speech: ({ model, input }) => ({
    name: named('speech', model),
    attributes: { ...operation('speech'), 'gen_ai.request.model': model, input },
  }),
}

function readOther(data: Unknowns, type: string): Named {
  const name = typeof data.name === 'string' && data.name !== '' ? data.name : type || 'span'
  return { name, attributes: { 'openai_agents.data': data.data } }
}

/** Usage that tasks and turns repeat: the sum of their model calls. */
function ofLoop(usage: unknown) {
  const given = isObject(usage) ? usage : {}
  return usageAttributes({
    input: given.input_tokens,
    output: given.output_tokens,
    total: given.total_tokens,
    cacheRead: given.cached_input_tokens,
    cacheWrite: given.cache_write_input_tokens,
  })
}

/** A call of the Responses API. Its JSON form has no more than the response's id: the rest is only in the running SDK. */
function readResponse(data: Unknowns): Named {
  const response = objectOf(data._response ?? data.response)
  const usage = objectOf(response.usage)
  const ofInput = objectOf(usage.input_tokens_details)
  const ofOutput = objectOf(usage.output_tokens_details)
  const model = response.model ?? data.model
  return {
    name: named('chat', model),
    attributes: {
      ...operation('chat'),
      'gen_ai.provider.name': 'openai',
      'gen_ai.response.model': model,
      'gen_ai.response.id': data.response_id ?? response.id,
      'gen_ai.response.finish_reasons': typeof response.status === 'string' ? [response.status] : undefined,
      'gen_ai.system_instructions': response.instructions,
      'gen_ai.tool.definitions': response.tools,
      'gen_ai.input.messages': data._input ?? data.input,
      'gen_ai.output.messages': response.output,
      ...usageAttributes({
        input: usage.input_tokens,
        output: usage.output_tokens,
        total: usage.total_tokens,
        cacheRead: ofInput.cached_tokens,
        cacheWrite: ofInput.cache_write_tokens,
        reasoning: ofOutput.reasoning_tokens,
      }),
    },
  }
}

/** A call of the Chat Completions API, or of another provider's model. */
function readGeneration(data: Unknowns): Named {
  const output = Array.isArray(data.output) ? data.output : []
  const completion = isObject(output[0]) && Array.isArray(output[0].choices) ? output[0] : undefined
  const choices: readonly unknown[] = Array.isArray(completion?.choices) ? completion.choices : []
  const usage = isObject(data.usage) ? data.usage : objectOf(completion?.usage)
  const ofInput = objectOf(usage.prompt_tokens_details ?? usage.input_tokens_details)
  const ofOutput = objectOf(usage.completion_tokens_details ?? usage.output_tokens_details)
  const finishReasons = choices.flatMap((choice) => (isObject(choice) ? (choice.finish_reason ?? []) : []))
  return {
    name: named('chat', data.model),
    attributes: {
      ...operation('chat'),
      'gen_ai.request.model': data.model,
      'gen_ai.response.model': completion?.model,
      'gen_ai.response.id': completion?.id,
      'gen_ai.response.finish_reasons': finishReasons.length > 0 ? finishReasons : undefined,
      'openai_agents.model_config': data.model_config,
      'gen_ai.input.messages': data.input,
      'gen_ai.output.messages': completion
        ? choices.flatMap((choice) => (isObject(choice) ? (choice.message ?? []) : []))
        : data.output,
      ...usageAttributes({
        input: usage.prompt_tokens ?? usage.input_tokens,
        output: usage.completion_tokens ?? usage.output_tokens,
        total: usage.total_tokens,
        cacheRead: ofInput.cached_tokens,
        cacheWrite: ofInput.cache_write_tokens,
        reasoning: ofOutput.reasoning_tokens,
      }),
    },
  }
}
