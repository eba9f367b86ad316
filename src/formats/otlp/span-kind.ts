import type { JsonObject, SpanKind } from '../../../schema/values.ts'
import { kindNames } from './names.ts'
import { readText } from './read-column.ts'

/** The kind of a span, and its `gen_ai.operation.name`. */
export interface SpanClass {
  readonly kind: SpanKind
  readonly operation: string | null
  /** Whether the span's token counts repeat those of the spans inside it. */
  readonly repeatsUsage?: boolean
}

type SpanClasses = Readonly<Record<string, SpanClass>>

const llm: SpanClass = { kind: 'llm', operation: 'chat' }
const agent: SpanClass = { kind: 'agent', operation: 'invoke_agent' }
const tool: SpanClass = { kind: 'tool', operation: 'execute_tool' }
const workflow: SpanClass = { kind: 'workflow', operation: 'invoke_workflow' }
const embedding: SpanClass = { kind: 'embedding', operation: 'embeddings' }
const retrieval: SpanClass = { kind: 'retrieval', operation: 'retrieval' }
const rerank: SpanClass = { kind: 'rerank', operation: null }
const step: SpanClass = { kind: 'step', operation: null }
const other: SpanClass = { kind: 'other', operation: null }

const kindByOperation: Readonly<Record<string, SpanKind>> = {
  chat: 'llm',
  generate_content: 'llm',
  text_completion: 'llm',
  embeddings: 'embedding',
  retrieval: 'retrieval',
  create_agent: 'agent',
  invoke_agent: 'agent',
  invoke_workflow: 'workflow',
  execute_tool: 'tool',
  plan: 'step',
}

/** OpenInference, https://arize-ai.github.io/openinference/spec/attributes/semantic-conventions.html */
const byOpenInference: SpanClasses = {
  LLM: llm,
  AGENT: agent,
  TOOL: tool,
  CHAIN: step,
  PROMPT: step,
  RETRIEVER: retrieval,
  EMBEDDING: embedding,
  RERANKER: rerank,
  GUARDRAIL: { kind: 'guardrail', operation: null },
  EVALUATOR: { kind: 'evaluation', operation: null },
}

const byTraceloop: SpanClasses = { workflow, agent, tool, task: step }

const byTraceloopRequest: SpanClasses = {
  chat: llm,
  completion: { kind: 'llm', operation: 'text_completion' },
  embedding,
  rerank,
}

/** The AI SDK's spans: `ai.generateText` wraps an `ai.generateText.doGenerate` per step, and `ai.toolCall`s. */
function byAiSdk(operationId: string): SpanClass {
  if (operationId === 'ai.toolCall') return tool
  const [, call = '', inner] = operationId.split('.')
  const embeds = call.startsWith('embed')
  const reranks = call === 'rerank'
  if (inner === undefined) return { ...(embeds || reranks ? step : agent), repeatsUsage: true }
  if (embeds) return embedding
  return reranks ? rerank : llm
}

/** The operation that a kind of span is read from. */
export const operationOfKind: Readonly<Partial<Record<SpanKind, string>>> = {
  llm: 'chat',
  embedding: 'embeddings',
  retrieval: 'retrieval',
  agent: 'invoke_agent',
  workflow: 'invoke_workflow',
  tool: 'execute_tool',
}

/** OpenInference's word for a kind of span that has no operation. */
export const openInferenceOfKind: Readonly<Partial<Record<SpanKind, string>>> = {
  step: 'CHAIN',
  rerank: 'RERANKER',
  guardrail: 'GUARDRAIL',
  evaluation: 'EVALUATOR',
}

const member = (classes: SpanClasses, key: string | null) =>
  key !== null && Object.hasOwn(classes, key) ? classes[key] : undefined

/**
 * Reads the kind of a span from its attributes. A request of the Model Context Protocol is always `mcp`, also if it runs
 * a tool; else `gen_ai.operation.name` decides, then the names of OpenInference, OpenLLMetry and the AI SDK.
 */
export function classifySpan(attributes: JsonObject, operation: string | null, mcpMethod: string | null): SpanClass {
  const aiOperation = readText(attributes[kindNames.aiSdk])
  const aiSdk = aiOperation?.startsWith('ai.') ? byAiSdk(aiOperation) : undefined
  const alias =
    member(byOpenInference, readText(attributes[kindNames.openinference])?.toUpperCase() ?? null) ??
    member(byTraceloop, readText(attributes[kindNames.traceloop])) ??
    member(byTraceloopRequest, readText(attributes[kindNames.traceloopRequest])) ??
    aiSdk ??
    other
  const known = operation !== null && Object.hasOwn(kindByOperation, operation) ? kindByOperation[operation] : undefined
  return {
    kind: mcpMethod === null ? (known ?? alias.kind) : 'mcp',
    operation: operation ?? alias.operation,
    repeatsUsage: aiSdk?.repeatsUsage ?? false,
  }
}
