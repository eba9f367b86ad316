import type { AgentRecord } from '../../src/index.ts'

/** A model call of two seconds, with every count. */
export const llmRecord = (spanId = '00f067aa0ba902b7', rest: Partial<AgentRecord> = {}): AgentRecord => ({
  kind: 'llm',
  runId: '01J9Z3K7P8QF2R5V6W7X8Y9Z0A',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId,
  parentSpanId: 'aaaaaaaaaaaaaaaa',
  name: 'claude-sonnet-4-5',
  status: 'ok',
  startUnixNanos: 1_000_000_000n,
  endUnixNanos: 3_000_000_000n,
  attributes: {},
  llm: {
    provider: 'anthropic',
    requestModel: 'claude-sonnet-4-5',
    responseModel: 'claude-sonnet-4-5-20990101',
    usage: { input: 100, output: 50, cacheRead: 10, cacheCreation: 0, reasoning: 5 },
    costUsd: 0.01,
  },
  ...rest,
})

/** A record of another kind, with nothing but what every record has. */
export const plainRecord = (kind: AgentRecord['kind'], rest: Partial<AgentRecord> = {}): AgentRecord => ({
  kind,
  runId: 'r',
  traceId: 't',
  spanId: 's',
  name: 'the name',
  status: 'ok',
  startUnixNanos: 1n,
  endUnixNanos: 2n,
  ...rest,
})

/** So many model calls, each of its own span. */
export const llmRecords = (count: number): AgentRecord[] =>
  Array.from({ length: count }, (_, i) => llmRecord(`span-${i}`))
