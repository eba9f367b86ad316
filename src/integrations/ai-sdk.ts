import { AsyncLocalStorage } from 'node:async_hooks'
import {
  aiSdkScope,
  answerAttributes,
  contextAttributes,
  errorOf,
  requestAttributes,
  toolOutcome,
  usageOf,
} from '../formats/ai-sdk-events/attributes.ts'
import { addGenAiSpan, type GenAiSpan, named, newSpanId, newTraceId } from '../formats/gen-ai-span.ts'
import { emptyResult, type ReadResult } from '../formats/read-result.ts'
import type { Unknowns } from '../formats/shape-error.ts'
import type { SpanQueueOptions } from '../otel/span-queue.ts'
import { QueuedSpans } from './queued-spans.ts'

/** An event of the AI SDK's telemetry, as much of it as every event has. */
export interface AiTelemetryEvent {
  readonly callId?: string | undefined
}

/** What an event says, read when the span is stored: that is not the agent's time. */
type Told = () => GenAiSpan['attributes']

/** A span that may still be told otherwise. */
interface Open {
  span: Omit<GenAiSpan, 'attributes'>
  readonly told: Told[]
}

function readOpen({ span, told }: Open): ReadResult {
  const result = emptyResult()
  const attributes = Object.assign({}, ...told.map((say) => say()))
  addGenAiSpan(result, { ...span, attributes }, aiSdkScope)
  return result
}

/** One call of the SDK: `generateText`, `streamText`, `embed`, … */
interface Operation {
  readonly root: Open
  readonly context: Told
  step: Open | undefined
  call: Open | undefined
  /** Tools and embeddings that run, by their ids. */
  readonly inner: Map<string, Open>
}

type Place = Pick<GenAiSpan, 'traceId' | 'spanId'>

/** Operations that are kept until they end: one that never ends, such as a stream that nobody reads, is forgotten then. */
const mostOperations = 10_000

/**
 * Stores what the AI SDK 7 does, without OpenTelemetry: a telemetry integration. The rows are those that its
 * `@ai-sdk/otel` gives; session and user come from the runtime context (`sessionId`, `userId`), and an operation that
 * runs in a tool is inside the tool's span.
 *
 * @example
 * import { registerTelemetry } from 'ai'
 * import { TraceholdTelemetry } from 'tracehold/ai-sdk'
 *
 * const telemetry = new TraceholdTelemetry({ url: process.env.DATABASE_URL, migrate: true })
 * registerTelemetry(telemetry)
 * // at the end of the process
 * await telemetry.shutdown()
 */
export class TraceholdTelemetry extends QueuedSpans<Open> {
  readonly #operations = new Map<string, Operation>()
  readonly #place = new AsyncLocalStorage<Place>()

  constructor(options: SpanQueueOptions = {}) {
    super(readOpen, ({ span }) => span.endMicros !== null, options)
  }

  // The SDK may take the methods from the object: they are bound.

  readonly onStart = (event: AiTelemetryEvent): void => {
    warnOfOpenTelemetry()
    const given = kept(event)
    const context = () => contextAttributes(given.runtimeContext)
    const operation = operationOf(given.operationId)
    const root = this.#open(this.#place.getStore(), named(operation, given.modelId), () => ({
      'gen_ai.operation.name': operation,
      'gen_ai.agent.name': operation === 'invoke_agent' ? given.functionId : undefined,
      ...requestAttributes(given),
      ...context(),
    }))
    if (this.#operations.size >= mostOperations) this.#operations.delete(this.#operations.keys().next().value as string)
    this.#operations.set(idOf(event), { root, context, step: undefined, call: undefined, inner: new Map() })
  }

  readonly onStepStart = (event: AiTelemetryEvent): void => {
    const operation = this.#operations.get(idOf(event))
    if (!operation) return
    const { stepNumber } = event as Unknowns
    const name = typeof stepNumber === 'number' ? `step ${stepNumber + 1}` : 'step'
    operation.step = this.#open(operation.root.span, name, () => ({
      'gen_ai.operation.name': 'agent_step',
      ...operation.context(),
    }))
  }

  readonly onLanguageModelCallStart = (event: AiTelemetryEvent): void => {
    const operation = this.#operations.get(idOf(event))
    if (!operation) return
    const given = kept(event)
    operation.call = this.#open((operation.step ?? operation.root).span, named('chat', given.modelId), () => ({
      'gen_ai.operation.name': 'chat',
      ...requestAttributes(given),
    }))
  }

  readonly onLanguageModelCallEnd = (event: AiTelemetryEvent): void => {
    const operation = this.#operations.get(idOf(event))
    if (operation?.call) this.#close(operation.call, tellAnswer(event))
    if (operation) operation.call = undefined
  }

  readonly onToolExecutionStart = (event: AiTelemetryEvent): void => {
    const operation = this.#operations.get(idOf(event))
    const call = toolCallOf(event)
    if (!operation || operation.inner.has(call.id)) return
    const parent = (operation.step ?? operation.root).span
    operation.inner.set(
      call.id,
      this.#open(parent, named('execute_tool', call.name), () => ({
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': call.name,
        'gen_ai.tool.call.id': call.id,
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.arguments': call.input,
      })),
    )
  }

  readonly onToolExecutionEnd = (event: AiTelemetryEvent): void => {
    const operation = this.#operations.get(idOf(event))
    const { id } = toolCallOf(event)
    const tool = operation?.inner.get(id)
    if (!operation || !tool) return
    operation.inner.delete(id)
    const { result, error } = toolOutcome((event as Unknowns).toolOutput)
    this.#close(tool, () => ({ 'gen_ai.tool.call.result': result }), error)
  }

  readonly onStepEnd = (event: AiTelemetryEvent): void => {
    const operation = this.#operations.get(idOf(event))
    if (operation?.step) this.#close(operation.step, nothing)
    if (operation) operation.step = undefined
  }

  readonly onEmbedStart = (event: AiTelemetryEvent): void => this.#startInner(event, 'embeddings')
  readonly onEmbedEnd = (event: AiTelemetryEvent): void => this.#endInner(event, 'embeddings')
  readonly onRerankStart = (event: AiTelemetryEvent): void => this.#startInner(event, 'rerank')
  readonly onRerankEnd = (event: AiTelemetryEvent): void => this.#endInner(event, 'rerank')

  readonly onEnd = (event: AiTelemetryEvent): void => {
    const { root } = this.#take(event) ?? {}
    if (!root) return
    const answer = tellAnswer(event)
    // Its model is that of the request, as the SDK's own integration has it.
    this.#close(root, () => ({ ...answer(), 'gen_ai.response.model': undefined, 'gen_ai.response.id': undefined }))
  }

  readonly onAbort = (event: AiTelemetryEvent): void => {
    const { root } = this.#take(event, aborted) ?? {}
    if (root) this.#close(root, nothing, aborted)
  }

  readonly onError = (event: unknown): void => {
    const given = (event ?? {}) as Unknowns & AiTelemetryEvent
    const { root } = this.#take(given, given.error) ?? {}
    if (root) this.#close(root, nothing, given.error ?? 'failed')
  }

  /** Runs a tool inside its span. */
  readonly executeTool = <T>(options: {
    readonly callId: string
    readonly toolCallId: string
    readonly execute: () => PromiseLike<T>
  }): PromiseLike<T> => {
    const span = this.#operations.get(options.callId)?.inner.get(options.toolCallId)?.span
    return span ? this.#place.run(span, options.execute) : options.execute()
  }

  /** Stores what has ended, and closes the store if this integration was the last that opened it. Safe to call twice. */
  override shutdown(): Promise<void> {
    this.#operations.clear()
    return super.shutdown()
  }

  #startInner(event: AiTelemetryEvent, name: 'embeddings' | 'rerank'): void {
    const operation = this.#operations.get(idOf(event))
    if (!operation) return
    const given = event as Unknowns
    const inner = this.#open(operation.root.span, named(name, given.modelId), () => ({
      'gen_ai.operation.name': name,
      'gen_ai.provider.name': given.provider,
      'gen_ai.request.model': given.modelId,
      ...operation.context(),
    }))
    operation.inner.set(innerIdOf(given) ?? name, inner)
  }

  #endInner(event: AiTelemetryEvent, name: 'embeddings' | 'rerank'): void {
    const operation = this.#operations.get(idOf(event))
    const given = event as Unknowns
    const id = innerIdOf(given) ?? name
    const inner = operation?.inner.get(id)
    if (!operation || !inner) return
    operation.inner.delete(id)
    const { usage } = given
    this.#close(inner, () => usageOf(usage))
  }

  /** Ends everything inside an operation, and forgets it. */
  #take(event: AiTelemetryEvent, error?: unknown): Operation | undefined {
    const operation = this.#operations.get(idOf(event))
    if (!operation) return undefined
    this.#operations.delete(idOf(event))
    for (const open of [operation.call, ...operation.inner.values(), operation.step]) {
      if (open) this.#close(open, nothing, error)
    }
    return operation
  }

  #open(parent: Place | undefined, name: string, told: Told): Open {
    const open: Open = {
      span: {
        traceId: parent?.traceId ?? newTraceId(),
        spanId: newSpanId(),
        parentSpanId: parent?.spanId ?? null,
        name,
        startMicros: nowMicros(),
        endMicros: null,
      },
      told: [told],
    }
    this.queue.start(open)
    return open
  }

  #close(open: Open, told: Told, error?: unknown): void {
    open.told.push(told)
    open.span = {
      ...open.span,
      endMicros: nowMicros(),
      error: error === undefined ? undefined : errorOf(error),
    }
    this.queue.end(open)
  }
}

/** What the SDK keeps of the integrations that were registered. */
const registered = () =>
  (globalThis as { AI_SDK_TELEMETRY_INTEGRATIONS?: readonly object[] }).AI_SDK_TELEMETRY_INTEGRATIONS ?? []

let hasWarned = false

/** Two integrations make a trace each of every run. */
function warnOfOpenTelemetry(): void {
  if (hasWarned || !registered().some((each) => /^(Legacy)?OpenTelemetry$/.test(each?.constructor?.name ?? ''))) return
  hasWarned = true
  process.emitWarning(
    "The AI SDK's OpenTelemetry integration is registered beside tracehold/ai-sdk. Where its spans are stored here too, " +
      'every run is there twice: register one of the two.',
    'TraceholdWarning',
  )
}

const aborted = 'aborted'
const nothing: Told = () => ({})

/** An event as it is now: the SDK goes on with its lists. */
function kept(event: AiTelemetryEvent): Unknowns {
  const { messages, content, ...rest } = event as Unknowns
  const copy = (list: unknown) => (Array.isArray(list) ? [...list] : list)
  return { ...rest, messages: copy(messages), content: copy(content) }
}

function tellAnswer(event: AiTelemetryEvent): Told {
  const given = kept(event)
  return () => answerAttributes(given)
}

const idOf = ({ callId }: AiTelemetryEvent): string => callId ?? ''

function innerIdOf({ embedCallId, rerankCallId }: Unknowns): string | undefined {
  const id = embedCallId ?? rerankCallId
  return typeof id === 'string' ? id : undefined
}

function operationOf(operationId: unknown): string {
  const id = typeof operationId === 'string' ? operationId : ''
  if (/embed/i.test(id)) return 'embeddings'
  return /rerank/i.test(id) ? 'rerank' : 'invoke_agent'
}

function toolCallOf(event: AiTelemetryEvent): { id: string; name: string; input: unknown } {
  const { toolCall } = event as { toolCall?: { toolCallId?: string; toolName?: string; input?: unknown } }
  return { id: toolCall?.toolCallId ?? '', name: toolCall?.toolName ?? 'tool', input: toolCall?.input }
}

const nowMicros = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)
