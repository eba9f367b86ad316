import type { Profile } from './profile.ts'

const usage = (path: string) => ({ from: 'mlflow.chat.tokenUsage', path })

/** MLflow, which writes every value as JSON text. */
export const mlflow: Profile = {
  name: 'mlflow',
  version: 1,
  title: 'MLflow',
  source: 'https://github.com/mlflow/mlflow/blob/master/mlflow/tracing/constant.py',
  scopes: ['mlflow*'],
  signature: ['mlflow.*'],
  columns: {
    requestModel: ['mlflow.llm.model', 'mlflow.chat.model'],
    provider: ['mlflow.llm.provider', 'mlflow.message.format'],
    inputTokens: usage('input_tokens'),
    outputTokens: usage('output_tokens'),
    totalTokens: usage('total_tokens'),
    cacheReadTokens: [usage('cache_read_input_tokens'), usage('cached_input_tokens')],
    cacheCreationTokens: usage('cache_creation_input_tokens'),
    reasoningTokens: usage('reasoning_tokens'),
    costUsd: { from: 'mlflow.llm.cost', path: 'total_cost' },
    toolName: [
      { from: 'mlflow.spanFunctionName', for: ['tool'] },
      { name: /^(.+)$/, for: ['tool'] },
    ],
    sessionId: ['mlflow.trace.session', { from: 'mlflow.traceMetadata', path: 'mlflow.trace.session' }],
    userId: ['mlflow.trace.user', { from: 'mlflow.traceMetadata', path: 'mlflow.trace.user' }],
  },
  kinds: [
    {
      attribute: 'mlflow.spanType',
      is: {
        AGENT: 'agent',
        CHAT_MODEL: 'llm',
        LLM: 'llm',
        TOOL: 'tool',
        CHAIN: 'step',
        TASK: 'step',
        PARSER: 'step',
        MEMORY: 'step',
        WORKFLOW: 'workflow',
        RETRIEVER: 'retrieval',
        EMBEDDING: 'embedding',
        RERANKER: 'rerank',
        GUARDRAIL: 'guardrail',
        EVALUATOR: 'evaluation',
      },
    },
  ],
  input: ['mlflow.spanInputs'],
  output: ['mlflow.spanOutputs'],
  counts: { cachedInInput: true, reasoningInOutput: true, totalDecides: true },
}
