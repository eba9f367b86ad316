import type { Profile } from './profile.ts'

/** Laminar's SDKs. */
export const laminar: Profile = {
  name: 'laminar',
  version: 1,
  title: 'Laminar',
  source: 'https://github.com/lmnr-ai/lmnr-ts/blob/main/packages/lmnr/src/opentelemetry-lib/tracing/attributes.ts',
  scopes: ['lmnr*', '@lmnr-ai/*'],
  signature: ['lmnr.*'],
  columns: {
    costUsd: ['gen_ai.usage.cost', 'gen_ai.usage.total_cost'],
    sessionId: ['lmnr.association.properties.session_id', 'lmnr.association.properties.sessionId'],
    userId: ['lmnr.association.properties.user_id', 'lmnr.association.properties.userId'],
    tags: ['lmnr.association.properties.tags', 'lmnr.span.tags'],
    traceTags: 'lmnr.association.properties.trace_tags',
    traceMetadata: ['lmnr.association.properties.metadata', 'lmnr.association.properties.metadata.*'],
  },
  kinds: [
    {
      attribute: 'lmnr.span.type',
      is: {
        LLM: 'llm',
        TOOL: 'tool',
        DEFAULT: 'step',
        EVALUATOR: 'evaluation',
        HUMAN_EVALUATOR: 'evaluation',
        EVALUATION: 'evaluation',
        EXECUTOR: 'step',
        CACHED: 'step',
      },
    },
  ],
  input: ['lmnr.span.input'],
  output: ['lmnr.span.output'],
  counts: { cachedInInput: true, reasoningInOutput: true, totalDecides: true },
}
