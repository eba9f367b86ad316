import type { Json } from '../../../schema/values.ts'
import { jsonOf } from '../../text/json-of.ts'
import { addGenAiSpan, named, usageAttributes } from '../gen-ai-span.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import { isObject, ShapeError, type Unknowns } from '../shape-error.ts'

const scope = { name: 'langchain' }

/** A run of LangChain or LangGraph, as its callbacks tell of it. */
export interface LangChainRun {
  readonly id: string
  /** The id of the run that all of the trace's runs are inside. */
  readonly traceId: string
  readonly parentId: string | null
  readonly kind: 'chain' | 'llm' | 'tool' | 'retriever'
  readonly runName: unknown
  /** What runs, as LangChain serialises it: its class by its path, such as `langgraph`, `pregel`, `CompiledStateGraph`. */
  readonly runnable: unknown
  /** Microseconds since 1970. */
  readonly startMicros: number
  endMicros: number | null
  /** When the first part of a streamed answer came, in microseconds since 1970. */
  firstChunkMicros?: number
  readonly tags: readonly string[]
  readonly metadata: Unknowns
  /** What the model was called with beside messages. */
  readonly parameters?: unknown
  readonly toolCallId?: string | undefined
  readonly inputs: unknown
  outputs?: unknown
  error?: unknown
}

/** The span of a run. */
export function readLangChainRun(run: LangChainRun): ReadResult {
  const result = emptyResult()
  try {
    const { name, attributes } = readers[run.kind](run, nameOf(run))
    addGenAiSpan(
      result,
      {
        traceId: run.traceId,
        spanId: run.id,
        parentSpanId: run.parentId,
        name,
        startMicros: run.startMicros,
        endMicros: run.endMicros,
        error: run.error === undefined ? undefined : errorOf(run.error),
        attributes: { ...ofAll(run), ...attributes },
      },
      scope,
    )
  } catch (error) {
    result.rejected.push(ShapeError.rejection(error, ''))
  }
  return result
}

function ofAll({ metadata, tags, parentId }: LangChainRun) {
  return {
    'gen_ai.conversation.id': textOf(metadata.session_id ?? metadata.thread_id ?? metadata.conversation_id),
    'user.id': textOf(metadata.user_id),
    tags: tags.length > 0 ? tags : undefined,
    // Children repeat what the root was called with.
    metadata: parentId === null && Object.keys(metadata).length > 0 ? metadata : undefined,
    'langgraph.node': metadata.langgraph_node,
    'langgraph.step': metadata.langgraph_step,
  }
}

interface Named {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

const readers: Readonly<Record<LangChainRun['kind'], (run: LangChainRun, name: string) => Named>> = {
  chain: readChain,
  llm: readModelCall,
  tool: ({ inputs, outputs, toolCallId }, name) => ({
    name: named('execute_tool', name),
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': toolCallId,
      'gen_ai.tool.call.arguments': inputs,
      'gen_ai.tool.call.result': contentOf(outputs),
    },
  }),
  retriever: ({ inputs, outputs }, name) => ({
    name: named('retrieval', name),
    attributes: {
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.retrieval.query.text': inputs,
      'gen_ai.retrieval.documents': outputs,
    },
  }),
}

const nameOf = ({ runName, runnable, kind }: LangChainRun): string =>
  textOf(runName) ?? textOf(objectOf(runnable).name) ?? classOf(runnable) ?? kind

function classOf(runnable: unknown): string | undefined {
  const { id } = objectOf(runnable)
  return Array.isArray(id) ? textOf(id.at(-1)) : undefined
}

/** Graphs are agents, their nodes and whatever else runs are steps. */
function readChain({ runnable, inputs, outputs }: LangChainRun, name: string): Named {
  const isGraph = graphs.test(classOf(runnable) ?? '')
  return {
    name: isGraph ? named('invoke_agent', name) : name,
    attributes: {
      'gen_ai.operation.name': isGraph ? 'invoke_agent' : 'agent_step',
      'gen_ai.agent.name': isGraph ? name : undefined,
      input: inputs,
      output: outputs,
    },
  }
}

const graphs = /^(Compiled\w*Graph|Pregel|RemoteGraph|AgentExecutor|ReactAgent)$/

function readModelCall(run: LangChainRun, ownName: string): Named {
  const { metadata, inputs, outputs, parameters, startMicros, firstChunkMicros } = run
  const given = jsonOf(parameters)
  const options = isObject(given) ? given : {}
  const generations = generationsOf(outputs)
  const messages = generations.map(messageOf)
  const response = objectOf(messages[0]?.response_metadata)
  const requestModel = textOf(metadata.ls_model_name) ?? textOf(options.model) ?? textOf(options.model_name)
  const responseModel = textOf(response.model_name) ?? textOf(response.model)
  const finishReason =
    response.finish_reason ?? response.stop_reason ?? objectOf(generations[0]?.generationInfo).finish_reason
  const isChat = Array.isArray(inputs) && Array.isArray(inputs[0])
  return {
    name: named('chat', requestModel ?? responseModel ?? ownName),
    attributes: {
      'gen_ai.operation.name': isChat ? 'chat' : 'text_completion',
      'gen_ai.provider.name': metadata.ls_provider,
      'gen_ai.request.model': requestModel,
      'gen_ai.response.model': responseModel,
      'gen_ai.response.id': messages[0]?.id,
      'gen_ai.response.finish_reasons': typeof finishReason === 'string' ? [finishReason] : undefined,
      'gen_ai.request.temperature': metadata.ls_temperature ?? options.temperature,
      'gen_ai.request.max_tokens': metadata.ls_max_tokens ?? options.max_tokens,
      'gen_ai.tool.definitions': options.tools,
      'gen_ai.response.time_to_first_chunk':
        firstChunkMicros === undefined ? undefined : (firstChunkMicros - startMicros) / 1e6,
      'gen_ai.input.messages': isChat ? inputs[0] : inputs,
      'gen_ai.output.messages':
        generations.length > 0 ? generations.map((each) => each.message ?? each.text) : undefined,
      ...usageOf(messages, outputs),
    },
  }
}

/** LangChain counts as OpenTelemetry does: cached tokens are inside input. */
function usageOf(messages: readonly Unknowns[], outputs: unknown) {
  const usage = objectOf(messages.find(({ usage_metadata }) => isObject(usage_metadata))?.usage_metadata)
  const ofInput = objectOf(usage.input_token_details)
  const ofOutput = objectOf(usage.output_token_details)
  const llmOutput = objectOf(objectOf(jsonOf(outputs)).llmOutput)
  const older = objectOf(llmOutput.tokenUsage ?? llmOutput.estimatedTokenUsage)
  return usageAttributes({
    input: usage.input_tokens ?? older.promptTokens,
    output: usage.output_tokens ?? older.completionTokens,
    total: usage.total_tokens ?? older.totalTokens,
    cacheRead: ofInput.cache_read,
    cacheWrite: ofInput.cache_creation,
    reasoning: ofOutput.reasoning,
  })
}

function generationsOf(outputs: unknown): readonly Unknowns[] {
  const { generations } = objectOf(jsonOf(outputs))
  const ofPrompts: readonly unknown[] = Array.isArray(generations) ? generations : []
  return ofPrompts.flat().filter(isObject)
}

/** A message's own members: serialised, it has them in `kwargs`. */
function messageOf(generation: Unknowns): Unknowns {
  const message = objectOf(generation.message)
  return isObject(message.kwargs) ? message.kwargs : message
}

/** The content of a tool's message, else what the tool gave. */
function contentOf(output: unknown): Json | undefined {
  const json = jsonOf(output)
  if (!isObject(json)) return json
  const message = isObject(json.kwargs) ? json.kwargs : json
  return 'tool_call_id' in message && 'content' in message ? (message.content as Json) : (json as Json)
}

function errorOf(error: unknown) {
  if (!(error instanceof Error)) return { message: typeof error === 'string' ? error : null }
  return { message: error.message, type: error.name }
}

const objectOf = (value: unknown): Unknowns => (isObject(value) ? value : {})
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
