import type { JsonObject } from '../../../schema/values.ts'
import { Micros } from '../../rows/micros.ts'
import { jsonOf } from '../../text/json-of.ts'
import { addGenAiSpan, named, usageAttributes } from '../gen-ai-span.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import { isObject, ShapeError, type Unknowns } from '../shape-error.ts'

/** Its spans are read by the profile of Mastra's own OpenTelemetry exporter. */
const scope = { name: '@mastra/observability' }

/** A span as Mastra's observability hands it to exporters, as much of it as is read. */
export interface MastraSpan {
  readonly id: string
  readonly traceId: string
  readonly parentSpanId?: string | undefined
  readonly name: string
  readonly type: string
  readonly startTime: Date | string
  readonly endTime?: Date | string | undefined
  readonly attributes?: unknown
  readonly metadata?: unknown
  readonly tags?: readonly string[] | undefined
  readonly input?: unknown
  readonly output?: unknown
  readonly errorInfo?: { readonly message?: string; readonly name?: string } | undefined
  readonly entityId?: string | undefined
  readonly entityName?: string | undefined
  readonly isEvent?: boolean | undefined
}

/** A score or a feedback of a trace, as Mastra's observability hands it to exporters. */
export interface MastraJudgement {
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  readonly timestamp?: Date | string | undefined
  readonly scoreId?: string | undefined
  readonly feedbackId?: string | undefined
  readonly scorerId?: string | undefined
  readonly scorerName?: string | undefined
  readonly feedbackType?: string | undefined
  readonly score?: unknown
  readonly value?: unknown
  readonly reason?: string | undefined
  readonly comment?: string | undefined
  readonly metadata?: unknown
}

/** The span of Mastra's observability. */
export function readMastraSpan(span: MastraSpan): ReadResult {
  const result = emptyResult()
  try {
    const startMicros = microsOf(span.startTime)
    const { name, attributes } = described(span)
    addGenAiSpan(
      result,
      {
        traceId: span.traceId,
        spanId: span.id,
        parentSpanId: span.parentSpanId ?? null,
        name,
        startMicros,
        endMicros:
          span.endTime === undefined || span.endTime === null
            ? span.isEvent
              ? startMicros
              : null
            : microsOf(span.endTime),
        error: span.errorInfo && { message: span.errorInfo.message ?? null, type: span.errorInfo.name },
        attributes: { 'mastra.span.type': span.type, ...ofAll(span), ...attributes },
      },
      scope,
    )
  } catch (error) {
    result.rejected.push(ShapeError.rejection(error, ''))
  }
  return result
}

/** The result that a score or a feedback is. */
export function readMastraJudgement(given: MastraJudgement, kind: 'score' | 'feedback'): ReadResult {
  const result = emptyResult()
  const value = given.score ?? given.value
  const metadata = jsonOf(given.metadata)
  result.results.push({
    ...((given.scoreId ?? given.feedbackId) ? { resultId: given.scoreId ?? given.feedbackId } : {}),
    kind: 'evaluation',
    name: given.scorerName ?? given.scorerId ?? given.feedbackType ?? kind,
    evaluator: given.scorerId ?? (kind === 'feedback' ? 'feedback' : null),
    score: typeof value === 'number' ? value : null,
    label: typeof value === 'string' || typeof value === 'boolean' ? String(value) : null,
    explanation: given.reason ?? given.comment ?? null,
    traceId: given.traceId ?? null,
    spanId: given.spanId ?? null,
    ...(given.timestamp === undefined ? {} : { time: new Micros(microsOf(given.timestamp)) }),
    ...(isObject(metadata) ? { metadata: metadata as JsonObject } : {}),
  })
  return result
}

function ofAll({ metadata, tags, parentSpanId }: MastraSpan) {
  const given = objectOf(jsonOf(metadata))
  return {
    'gen_ai.conversation.id': given.sessionId ?? given.threadId,
    'user.id': given.userId ?? given.resourceId,
    'mastra.tags': tags && tags.length > 0 ? tags : undefined,
    metadata: parentSpanId === undefined && Object.keys(given).length > 0 ? given : undefined,
  }
}

function described(span: MastraSpan): { name: string; attributes: Readonly<Record<string, unknown>> } {
  const attributes = objectOf(jsonOf(span.attributes))
  const entity = span.entityName ?? span.entityId
  switch (span.type) {
    case 'agent_run':
      return {
        name: named('invoke_agent', entity ?? span.name),
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.name': entity,
          'gen_ai.agent.id': span.entityId,
          'gen_ai.system_instructions': attributes.instructions,
          ...messages(span),
        },
      }
    case 'model_generation':
    case 'llm_generation':
    case 'model_inference':
      return {
        name: named('chat', attributes.responseModel ?? attributes.model),
        attributes: ofModelCall(span, attributes),
      }
    case 'model_step':
      return { name: span.name, attributes: { ...usageOf(attributes), ...messages(span) } }
    case 'tool_call':
    case 'mcp_tool_call':
      return {
        name: named('execute_tool', entity ?? span.name),
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': entity,
          'gen_ai.tool.call.id': attributes.toolCallId,
          'gen_ai.tool.type': attributes.toolType,
          'mcp.server': attributes.mcpServer,
          'gen_ai.tool.call.arguments': span.input,
          'gen_ai.tool.call.result': span.output,
        },
      }
    case 'workflow_run':
      return {
        name: named('invoke_workflow', entity ?? span.name),
        attributes: {
          'gen_ai.operation.name': 'invoke_workflow',
          'workflow.name': entity,
          input: span.input,
          output: span.output,
        },
      }
    default:
      return {
        name: span.name,
        attributes: { input: span.input, output: span.output, 'mastra.attributes': attributes },
      }
  }
}

function ofModelCall(span: MastraSpan, attributes: Unknowns) {
  const parameters = objectOf(attributes.parameters)
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': attributes.provider,
    'gen_ai.request.model': attributes.model,
    'gen_ai.response.model': attributes.responseModel,
    'gen_ai.response.id': attributes.responseId,
    'gen_ai.response.finish_reasons':
      typeof attributes.finishReason === 'string' ? [attributes.finishReason] : undefined,
    'gen_ai.request.temperature': parameters.temperature,
    'gen_ai.request.max_tokens': parameters.maxOutputTokens,
    'mastra.completion_start_time': attributes.completionStartTime,
    ...usageOf(attributes),
    ...messages(span),
  }
}

/** What went in and came out of a model or an agent; an input may hold its messages beside other things. */
function messages({ input, output }: MastraSpan) {
  const given = objectOf(jsonOf(input))
  return { 'gen_ai.input.messages': given.messages ?? input, 'gen_ai.output.messages': output }
}

/** Mastra counts as OpenTelemetry does. */
function usageOf(attributes: Unknowns) {
  const usage = objectOf(attributes.usage)
  const [ofInput, ofOutput] = [objectOf(usage.inputDetails), objectOf(usage.outputDetails)]
  return usageAttributes({
    input: usage.inputTokens ?? usage.promptTokens,
    output: usage.outputTokens ?? usage.completionTokens,
    total: usage.totalTokens,
    cacheRead: ofInput.cacheRead ?? usage.cachedInputTokens,
    cacheWrite: ofInput.cacheWrite,
    reasoning: ofOutput.reasoning ?? usage.reasoningTokens,
  })
}

function microsOf(time: Date | string): number {
  const millis = time instanceof Date ? time.getTime() : Date.parse(time)
  if (!Number.isFinite(millis)) throw new ShapeError('startTime', 'must be a time')
  return millis * 1000
}

const objectOf = (value: unknown): Unknowns => (isObject(value) ? value : {})
