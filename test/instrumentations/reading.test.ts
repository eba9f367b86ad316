import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ImportReport, importDocuments, openStore, type Store } from '../../src/index.ts'
import { type Capture, captureRun, captureTimeoutMs } from './capture.ts'

/** What a trace row says of the runs of `scenario.mjs`: cached tokens inside input, reasoning ones inside output. */
interface Counts {
  input: number | null
  output: number | null
  cacheRead: number | null
  reasoning: number | null
  llmCalls: number
  toolCalls: number
}

const counts = (
  input: number | null,
  output: number | null,
  cacheRead: number | null,
  reasoning: number | null,
  llmCalls: number,
  toolCalls: number,
): Counts => ({ input, output, cacheRead, reasoning, llmCalls, toolCalls })

const anthropic = {
  toolRunner: counts(570, 50, 300, null, 2, 1),
  // The tool is called outside of any span.
  ownLoop: counts(570, 50, 300, null, 2, 0),
  stream: counts(40, 12, 16, null, 1, 0),
  streamHelper: counts(40, 12, 16, null, 1, 0),
  error: counts(null, null, null, null, 1, 0),
}

const aiSdk = {
  // The agent's 570 and 50, and its sub-agent's 50 and 8.
  agent: counts(620, 58, 300, 10, 3, 1),
  stream: counts(40, 12, 16, 0, 1, 0),
  error: counts(null, null, null, null, 1, 0),
  embedding: counts(7, null, null, null, 0, 0),
}

interface Run {
  run: string
  /** The profiles that read its spans. */
  readers: string[]
  /** @default 'session-42' */
  sessionId?: string | null
  /** @default null */
  userId?: string
  operations: Record<string, Counts>
}

const runs: Run[] = [
  { run: 'ai-sdk', readers: ['ai-sdk-7@1'], userId: 'user-7', operations: aiSdk },
  { run: 'ai-sdk-legacy', readers: ['ai-sdk@1'], userId: 'user-7', operations: aiSdk },
  { run: 'anthropic-sdk', readers: ['anthropic-sdk@1', 'generic@1'], operations: anthropic },
  {
    run: 'openinference-anthropic',
    readers: ['anthropic-sdk@1', 'generic@1', 'openinference@1'],
    userId: 'user-7',
    operations: anthropic,
  },
  {
    run: 'openinference-openai',
    readers: ['generic@1', 'openinference@1'],
    userId: 'user-7',
    operations: {
      agent: counts(570, 50, 300, 10, 2, 0),
      // Its spans have no usage for a stream of chat completions, and none for embeddings.
      stream: counts(null, null, null, null, 1, 0),
      responses: counts(250, 30, 100, 10, 1, 0),
      responsesStream: counts(40, 12, 16, 0, 1, 0),
      embedding: counts(null, null, null, null, 0, 0),
    },
  },
  {
    run: 'traceloop-openai',
    readers: ['generic@1', 'openllmetry@1'],
    sessionId: null,
    operations: {
      // Its spans have neither cached nor reasoning tokens, and no usage for streams.
      agent: counts(570, 50, null, null, 2, 0),
      stream: counts(null, null, null, null, 1, 0),
      responses: counts(250, 30, null, null, 1, 0),
      responsesStream: counts(null, null, null, null, 1, 0),
    },
  },
  { run: 'otel-1', readers: ['generic@1'], operations: { signals: counts(320, 20, 200, null, 1, 1) } },
  { run: 'otel-2', readers: ['generic@1'], operations: { signals: counts(320, 20, 200, null, 1, 1) } },
]

describe.each(runs)('the spans of $run', ({ run, readers, sessionId = 'session-42', userId = null, operations }) => {
  let capture: Capture
  let store: Store
  let report: ImportReport

  beforeAll(async () => {
    capture = await captureRun(run)
    store = await openStore('sqlite::memory:', { migrate: true })
    report = await importDocuments(store, Readable.from([JSON.stringify(capture.otlp)]))
  }, captureTimeoutMs)

  afterAll(() => store?.close())

  it('are stored, each read by the profile of its scope, and nothing of use is left unread', () => {
    expect(report).toMatchObject({ spans: capture.spans.length, rejected: 0 })
    expect(report.readers.map(({ reader }) => reader).sort()).toEqual(readers)
    expect(report.readers.flatMap(({ unread }) => unread)).toEqual([])
  })

  it.each(Object.keys(operations))('count what the SDK reports of %s, once', async (name) => {
    const { traceIds } = capture.expected.operations.find((operation) => operation.name === name) ?? { traceIds: [] }
    const trace = await store.traces.get(traceIds[0] ?? '')
    expect(
      trace && {
        input: trace.inputTokens,
        output: trace.outputTokens,
        cacheRead: trace.cacheReadTokens,
        reasoning: trace.reasoningTokens,
        llmCalls: trace.llmCallCount,
        toolCalls: trace.toolCallCount,
      },
    ).toEqual(operations[name])
    expect(trace?.status === 'error').toBe(name === 'error')
  })

  it('keep session and user where they have them', async () => {
    const { items } = await store.traces.list()
    expect([...new Set(items.map((trace) => trace.sessionId))]).toEqual([sessionId])
    expect(items.map((trace) => trace.userId)).toContain(userId)
  })
})
