import { createHash, randomBytes } from 'node:crypto'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import type { Json, JsonObject, Status } from '../../schema/values.ts'
import { now } from '../clock.ts'
import { StorageError } from '../errors.ts'
import type { Span } from '../repositories/span-rows.ts'
import type { Instant, NewSpan } from '../rows/records.ts'
import { safeText } from '../text/safe-json.ts'
import type { Store } from './store.ts'

/** A message of a conversation. */
export interface ChatMessage {
  readonly role: string
  readonly content: Json
  readonly name?: string | undefined
}

/** What a model was given. */
export type LlmInput =
  | string
  | { readonly type: 'text'; readonly prompt: string }
  | { readonly type: 'chat'; readonly messages: readonly ChatMessage[] }
  | { readonly type: 'multimodal'; readonly parts: readonly JsonObject[] }

/** What a model answered. */
export type LlmOutput =
  | string
  | { readonly content: Json; readonly finishReason?: string | undefined; readonly metadata?: JsonObject | undefined }

/** What a call used. Cached tokens are part of input, reasoning tokens part of output. */
export interface TokenUsage {
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  /** @default input + output */
  readonly totalTokens?: number | undefined
  readonly cacheReadTokens?: number | undefined
  readonly cacheCreationTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
}

/** One call of a model. */
export interface LlmSpan {
  readonly provider: string
  readonly model: string
  readonly input: LlmInput
  readonly output?: LlmOutput | undefined
  readonly usage?: TokenUsage | undefined
  /** US dollars. */
  readonly costUsd?: number | undefined
  /** How long the call took, in milliseconds. */
  readonly latencyMs?: number | undefined
  readonly timeToFirstChunkMs?: number | undefined
  /** When it began. @default now, less the latency */
  readonly startTime?: Instant | undefined
  /** The trace that it belongs to. @default the trace of `requestId`, else one of its own */
  readonly traceId?: string | undefined
  /** @default an id of its own */
  readonly spanId?: string | undefined
  readonly parentSpanId?: string | undefined
  /** @default `chat MODEL` */
  readonly name?: string | undefined
  /** @default 'ok', and 'error' where there is an error */
  readonly status?: Status | undefined
  readonly error?: { readonly type?: string | undefined; readonly message?: string | undefined } | undefined
  readonly userId?: string | undefined
  readonly sessionId?: string | undefined
  /** The request that the call was made for: all calls of a request are one trace, whichever process makes them. */
  readonly requestId?: string | undefined
  readonly serviceName?: string | undefined
  readonly environment?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly attributes?: JsonObject | undefined
}

/**
 * Writes one call of a model, and resolves to the stored span with its trace's id. The trace comes into being with its
 * first span; any number of processes may write to it at once, in any order.
 *
 * @throws BatchError when the span cannot be stored; StorageError when the database stayed away
 *
 * @example
 * const { traceId } = await writeLlmSpan(store, {
 *   provider: 'openai',
 *   model: 'gpt-4o',
 *   input: { type: 'chat', messages: [{ role: 'user', content: 'Hello' }] },
 *   output: 'Hi!',
 *   usage: { inputTokens: 8, outputTokens: 2 },
 *   latencyMs: 420,
 *   requestId: 'request-7',
 * })
 */
export async function writeLlmSpan(store: Store, span: LlmSpan): Promise<Span> {
  const { provider, model, usage = {}, requestId, error, latencyMs } = span
  const traceId = span.traceId ?? (requestId === undefined ? randomBytes(16).toString('hex') : traceOf(requestId))
  const spanId = span.spanId ?? randomBytes(8).toString('hex')
  const start = startOf(span)
  const output = typeof span.output === 'object' ? span.output : { content: span.output ?? null }
  const row: NewSpan = {
    traceId,
    spanId,
    parentSpanId: span.parentSpanId,
    name: span.name ?? `chat ${model}`,
    kind: 'llm',
    operation: 'chat',
    status: span.status ?? (error ? 'error' : 'ok'),
    statusMessage: error?.message,
    errorType: error?.type,
    startTime: start,
    endTime: latencyMs === undefined ? null : later(start, latencyMs),
    durationMs: latencyMs,
    timeToFirstChunkMs: span.timeToFirstChunkMs,
    provider,
    model,
    requestModel: model,
    ...usage,
    costUsd: span.costUsd,
    finishReasons: output.finishReason === undefined ? null : [output.finishReason],
    userId: span.userId,
    sessionId: span.sessionId,
    serviceName: span.serviceName,
    environment: span.environment,
    tags: span.tags,
    input: inputOf(span.input),
    output: output.content,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      ...(requestId !== undefined && { 'request.id': requestId }),
      ...(output.metadata && { 'output.metadata': output.metadata }),
      ...span.attributes,
    },
  }
  // The span is read back: it must be there, whatever the store's writers acknowledge.
  await store.writers.spans.write(row, { ack: 'committed' })
  const stored = await store.spans.get(safeText(traceId), safeText(spanId))
  if (stored) return stored
  throw new StorageError('internal', 'The span was stored and is not there.')
}

const traceOf = (requestId: string) => createHash('sha256').update(`request\0${requestId}`).digest('hex').slice(0, 32)

function inputOf(input: LlmInput): Json {
  if (typeof input === 'string') return input
  if (input.type === 'text') return input.prompt
  return (input.type === 'chat' ? input.messages : input.parts) as Json
}

/** A time that cannot be read is the writer's to refuse. */
function startOf({ startTime, latencyMs = 0 }: LlmSpan): string {
  if (startTime instanceof Date) return startTime.toISOString()
  return startTime ?? later(now(), -latencyMs)
}

function later(instant: string, ms: number): string {
  const micros = microsFromIso(instant) + Math.round(ms * 1000)
  return micros >= 0 ? isoFromMicros(micros) : instant
}
