import { type LangChainRun, readLangChainRun } from '../formats/langchain/read.ts'
import type { SpanQueueOptions } from '../otel/span-queue.ts'
import { QueuedSpans } from './queued-spans.ts'

/** How LangChain says what runs. */
export interface SerializedRunnable {
  readonly id?: readonly string[] | undefined
  readonly name?: string | undefined
}

type Metadata = Readonly<Record<string, unknown>> | undefined
type Tags = readonly string[] | undefined

/** Runs that are kept until they end: one that never ends is forgotten then. */
const mostRunning = 100_000

/**
 * Stores runs of LangChain.js and LangGraph: a callback handler. `session_id` (or `thread_id`) and `user_id` of a run's
 * metadata are its session and user.
 *
 * @example
 * const handler = new TraceholdCallbackHandler({ url: process.env.DATABASE_URL, migrate: true })
 * await agent.invoke(input, { callbacks: [handler], metadata: { session_id: 'session-42', user_id: 'user-7' } })
 * await handler.shutdown()
 */
export class TraceholdCallbackHandler extends QueuedSpans<LangChainRun> {
  // What LangChain asks of a handler beside its methods.
  readonly name = 'tracehold'
  readonly awaitHandlers = true
  readonly raiseError = false
  readonly ignoreLLM = false
  readonly ignoreChain = false
  readonly ignoreAgent = false
  readonly ignoreRetriever = false
  readonly ignoreCustomEvent = true
  readonly #runs = new Map<string, LangChainRun>()

  constructor(options: SpanQueueOptions = {}) {
    super(readLangChainRun, ({ endMicros }) => endMicros !== null, options)
  }

  /** LangChain copies handlers for what runs inside: all share one. */
  copy(): this {
    return this
  }

  handleChainStart(
    chain: SerializedRunnable | null | undefined,
    inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: Tags,
    metadata?: Metadata,
    _runType?: string,
    runName?: string,
  ): void {
    this.#start('chain', chain, { inputs, runId, parentRunId, tags, metadata, runName })
  }

  handleChainEnd(outputs: unknown, runId: string): void {
    this.#end(runId, { outputs })
  }

  handleChainError(error: unknown, runId: string): void {
    this.#end(runId, { error })
  }

  handleChatModelStart(
    model: SerializedRunnable | null | undefined,
    messages: unknown,
    runId: string,
    parentRunId?: string,
    extraParams?: Metadata,
    tags?: Tags,
    metadata?: Metadata,
    runName?: string,
  ): void {
    const parameters = extraParams?.invocation_params
    this.#start('llm', model, { inputs: messages, runId, parentRunId, tags, metadata, runName, parameters })
  }

  handleLLMStart(
    model: SerializedRunnable | null | undefined,
    prompts: unknown,
    runId: string,
    parentRunId?: string,
    extraParams?: Metadata,
    tags?: Tags,
    metadata?: Metadata,
    runName?: string,
  ): void {
    this.handleChatModelStart(model, prompts, runId, parentRunId, extraParams, tags, metadata, runName)
  }

  handleLLMNewToken(_token: string, _indices: unknown, runId: string): void {
    const run = this.#runs.get(runId)
    if (run) run.firstChunkMicros ??= nowMicros()
  }

  handleLLMEnd(output: unknown, runId: string): void {
    this.#end(runId, { outputs: output })
  }

  handleLLMError(error: unknown, runId: string): void {
    this.#end(runId, { error })
  }

  handleToolStart(
    tool: SerializedRunnable | null | undefined,
    input: unknown,
    runId: string,
    parentRunId?: string,
    tags?: Tags,
    metadata?: Metadata,
    runName?: string,
    toolCallId?: string,
  ): void {
    this.#start('tool', tool, { inputs: input, runId, parentRunId, tags, metadata, runName, toolCallId })
  }

  handleToolEnd(output: unknown, runId: string): void {
    this.#end(runId, { outputs: output })
  }

  handleToolError(error: unknown, runId: string): void {
    this.#end(runId, { error })
  }

  handleRetrieverStart(
    retriever: SerializedRunnable | null | undefined,
    query: unknown,
    runId: string,
    parentRunId?: string,
    tags?: Tags,
    metadata?: Metadata,
    runName?: string,
  ): void {
    this.#start('retriever', retriever, { inputs: query, runId, parentRunId, tags, metadata, runName })
  }

  handleRetrieverEnd(documents: unknown, runId: string): void {
    this.#end(runId, { outputs: documents })
  }

  handleRetrieverError(error: unknown, runId: string): void {
    this.#end(runId, { error })
  }

  /** Stores what has ended, and closes the store if this handler was the last that opened it. Safe to call twice. */
  override shutdown(): Promise<void> {
    this.#runs.clear()
    return super.shutdown()
  }

  #start(
    kind: LangChainRun['kind'],
    serialized: SerializedRunnable | null | undefined,
    given: {
      inputs: unknown
      runId: string
      parentRunId: string | undefined
      tags: Tags
      metadata: Metadata
      runName: string | undefined
      parameters?: unknown
      toolCallId?: string | undefined
    },
  ): void {
    const { runId, inputs, parameters, toolCallId } = given
    const parentRunId = given.parentRunId ?? null
    // A parent that another process started is not known here: its id leads the trace.
    const traceId = parentRunId === null ? runId : (this.#runs.get(parentRunId)?.traceId ?? parentRunId)
    const run: LangChainRun = {
      id: runId,
      traceId,
      parentId: parentRunId,
      kind,
      runName: given.runName,
      runnable: serialized,
      startMicros: nowMicros(),
      endMicros: null,
      tags: given.tags ?? [],
      metadata: given.metadata ?? {},
      parameters,
      toolCallId,
      inputs,
    }
    if (this.#runs.size >= mostRunning) this.#runs.delete(this.#runs.keys().next().value as string)
    this.#runs.set(runId, run)
    this.queue.start(run)
  }

  #end(runId: string, outcome: Pick<LangChainRun, 'outputs' | 'error'>): void {
    const run = this.#runs.get(runId)
    // Another process has started it, or it ended before.
    if (!run) return
    this.#runs.delete(runId)
    Object.assign(run, outcome, { endMicros: nowMicros() })
    this.queue.end(run)
  }
}

const nowMicros = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)
