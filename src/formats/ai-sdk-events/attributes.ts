import type { Json } from '../../../schema/values.ts'
import { jsonOf } from '../../text/json-of.ts'
import { usageAttributes } from '../gen-ai-span.ts'
import { normalizeMessages } from '../messages/normalize.ts'
import { isObject, type Unknowns } from '../shape-error.ts'

/** What the AI SDK's own OpenTelemetry integration calls itself: its spans and ours are read alike. */
export const aiSdkScope = { name: 'gen_ai' }

const objectOf = (value: unknown): Unknowns => (isObject(value) ? value : {})

const messages = (value: unknown, role: 'user' | 'assistant'): Json | undefined => {
  const json = jsonOf(value)
  return json === undefined ? undefined : (normalizeMessages(json, role) as unknown as Json)
}

/** What is asked of a model: of an operation as of a call. */
export function requestAttributes(event: Unknowns) {
  const {
    provider,
    modelId,
    instructions,
    messages: given,
    prompt,
    tools,
    temperature,
    maxOutputTokens,
    topP,
    seed,
  } = event
  return {
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': modelId,
    'gen_ai.request.temperature': temperature,
    'gen_ai.request.max_tokens': maxOutputTokens,
    'gen_ai.request.top_p': topP,
    'gen_ai.request.seed': seed,
    'gen_ai.system_instructions':
      typeof instructions === 'string' ? [{ type: 'text', content: instructions }] : instructions,
    'gen_ai.input.messages': messages(given ?? prompt, 'user'),
    'gen_ai.tool.definitions': Array.isArray(tools) ? tools : undefined,
  }
}

/** Who the operation is for: the context that the caller gave it. */
export function contextAttributes(runtimeContext: unknown) {
  return Object.fromEntries(
    Object.entries(objectOf(jsonOf(runtimeContext))).map(([key, value]) => [`ai.settings.context.${key}`, value]),
  )
}

/** What a model answered, as `onLanguageModelCallEnd` and the channel tell it. */
export function answerAttributes(event: Unknowns) {
  const { finishReason, content, responseId, modelId, performance } = event
  const response = objectOf(event.response)
  const reason = isObject(finishReason) ? finishReason.unified : finishReason
  const firstOutputMs = objectOf(performance).timeToFirstOutputMs
  const answer = jsonOf(content)
  return {
    'gen_ai.response.finish_reasons': typeof reason === 'string' ? [reason] : undefined,
    'gen_ai.response.id': responseId ?? response.id,
    'gen_ai.response.model': response.modelId ?? modelId,
    'gen_ai.client.operation.time_to_first_chunk': typeof firstOutputMs === 'number' ? firstOutputMs / 1000 : undefined,
    'gen_ai.output.messages': Array.isArray(answer)
      ? messages([{ role: 'assistant', content: answer }], 'assistant')
      : undefined,
    ...usageOf(event.totalUsage ?? event.usage),
  }
}

/** Usage as the SDK sums it, and as its providers give it. Cached tokens are inside input, reasoning inside output. */
export function usageOf(value: unknown) {
  const usage = objectOf(value)
  const [input, output] = [objectOf(usage.inputTokens), objectOf(usage.outputTokens)]
  const [ofInput, ofOutput] = [objectOf(usage.inputTokenDetails), objectOf(usage.outputTokenDetails)]
  return usageAttributes({
    input: isObject(usage.inputTokens) ? input.total : (usage.inputTokens ?? usage.tokens),
    output: isObject(usage.outputTokens) ? output.total : usage.outputTokens,
    cacheRead: ofInput.cacheReadTokens ?? input.cacheRead,
    cacheWrite: ofInput.cacheWriteTokens ?? input.cacheWrite,
    reasoning: ofOutput.reasoningTokens ?? output.reasoning,
  })
}

/** What a tool answered, or what went wrong. */
export function toolOutcome(toolOutput: unknown): { result?: unknown; error?: unknown } {
  const output = objectOf(toolOutput)
  const inner = isObject(output.output) && typeof output.output.type === 'string' ? output.output : output
  if (inner.type === 'tool-error' || inner.type === 'error') return { error: inner.error }
  return { result: inner.type === 'tool-result' ? inner.output : (inner.output ?? toolOutput) }
}

export function errorOf(error: unknown) {
  if (error instanceof Error) return { message: error.message, type: error.name }
  const given = objectOf(error)
  return { message: typeof given.message === 'string' ? given.message : typeof error === 'string' ? error : null }
}
