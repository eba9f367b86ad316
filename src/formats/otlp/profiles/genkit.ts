import type { Profile } from './profile.ts'

const output = (path: string) => ({ from: 'genkit:output', path })

/** Firebase Genkit, JavaScript and Go: a model's usage stands in its output. */
export const genkit: Profile = {
  name: 'genkit',
  version: 1,
  title: 'Genkit',
  source: 'https://github.com/firebase/genkit/blob/main/js/core/src/tracing/instrumentation.ts',
  scopes: ['genkit*'],
  signature: ['genkit:*'],
  columns: {
    requestModel: { from: 'genkit:name', for: ['llm', 'embedding', 'rerank'] },
    inputTokens: output('usage.inputTokens'),
    outputTokens: output('usage.outputTokens'),
    totalTokens: output('usage.totalTokens'),
    cacheReadTokens: output('usage.cachedContentTokens'),
    reasoningTokens: output('usage.thoughtsTokens'),
    finishReasons: output('finishReason'),
    toolName: { from: 'genkit:name', for: ['tool'] },
    agentName: { from: 'genkit:name', for: ['agent'] },
    workflowName: { from: 'genkit:name', for: ['workflow'] },
    sessionId: ['genkit:sessionId', 'genkit:metadata:sessionId'],
    failed: 'genkit:state',
    metadata: 'genkit:metadata:context',
  },
  kinds: [
    {
      attribute: 'genkit:metadata:subtype',
      is: {
        model: 'llm/generate_content',
        'background-model': 'llm/generate_content',
        tool: 'tool',
        'tool.v2': 'tool',
        flow: 'workflow',
        retriever: 'retrieval',
        embedder: 'embedding',
        reranker: 'rerank',
        evaluator: 'evaluation',
        agent: 'agent',
        prompt: 'step',
        executablePrompt: 'step',
        util: 'step',
      },
    },
    {
      attribute: 'genkit:type',
      is: {
        flow: 'workflow',
        flowStep: 'step',
        action: 'step',
        util: 'step',
        dotprompt: 'step',
        promptTemplate: 'step',
        helper: 'step',
      },
    },
  ],
  input: ['genkit:input'],
  output: ['genkit:output'],
  counts: { cachedInInput: true, reasoningInOutput: false, totalDecides: true },
}
