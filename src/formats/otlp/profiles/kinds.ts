import type { SpanKind } from '../../../../schema/values.ts'
import type { KindName } from './profile.ts'

/** What a span did, in our words and in those of `gen_ai.operation.name`. */
export interface SpanClass {
  readonly kind: SpanKind
  readonly operation: string | null
  /** Whether the span's token counts repeat those of the spans inside it. */
  readonly repeatsUsage?: boolean
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

/** A kind with its operation, of `llm` or `llm/text_completion`. */
export function spanClassOf(name: KindName): SpanClass {
  const [kind, operation] = name.split('/') as [SpanKind, string?]
  return { kind, operation: operation ?? operationOfKind[kind] ?? null }
}
