import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importDocuments, openStore, type SpanSummary, type Store } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../servers/databases.ts'
import { type Capture, captureRun, captureTimeoutMs } from './capture.ts'

const ours = fileURLToPath(new URL('attach/tracehold-agents.mjs', import.meta.url))

interface Wanted {
  run: string
  /** Each trace: name, status; input, output, cached and reasoning tokens; model calls and tools. */
  traces: string[]
  /** The spans of the trace with the most tokens, below each other. */
  tree: string[]
  costUsd?: number
}

const runs: Wanted[] = [
  {
    run: 'openai-agents',
    traces: [
      'own trace unset 570 50 300 10 2 1',
      'weather workflow error null null null null 1 0',
      'weather workflow unset 40 12 16 0 1 0',
      // A hand-over: three model calls of two agents.
      'weather workflow unset 820 80 400 20 3 1',
    ],
    tree: [
      'workflow: invoke_workflow weather workflow',
      '  agent: invoke_agent triage',
      '    guardrail: guardrail polite',
      '    step: turn 1',
      '      llm: chat gpt-5-mini-2026-01-01',
      '      tool: execute_tool get_weather',
      '    step: turn 2',
      '      llm: chat gpt-5-mini-2026-01-01',
      '      step: handoff writer',
      '  agent: invoke_agent writer',
      '    step: turn 3',
      '      llm: chat gpt-5-mini-2026-01-01',
    ],
  },
  {
    run: 'langchain',
    traces: [
      // The first try fails.
      'ListedChatModel unset 320 20 200 0 2 0',
      'chat gpt-5-mini error null null null null 1 0',
      'chat gpt-5-mini unset 40 12 16 0 1 0',
      // A graph, and in its tool another one: 570 and 50, 50 and 8.
      'invoke_agent assistant unset 620 58 300 10 3 1',
    ],
    tree: [
      'agent: invoke_agent assistant',
      '  step: __start__',
      '  step: agent',
      '    step: RunnableSequence',
      '      step: prompt',
      '      llm: chat gpt-5-mini',
      '    step: RunnableLambda',
      '  step: tools',
      '    tool: execute_tool get_weather',
      '      agent: invoke_agent forecaster',
      '        step: __start__',
      '        step: agent',
      '          step: RunnableSequence',
      '            step: prompt',
      '            llm: chat gpt-5-mini',
      '          step: RunnableLambda',
      '  step: agent',
      '    step: RunnableSequence',
      '      step: prompt',
      '      llm: chat gpt-5-mini',
      '    step: RunnableLambda',
    ],
  },
  {
    run: 'ai-sdk-events',
    traces: [
      'embeddings mock-embedding unset 7 null null null 0 0',
      'invoke_agent mock-model error null null null null 1 0',
      'invoke_agent mock-model unset 40 12 16 0 1 0',
      'invoke_agent mock-model unset 620 58 300 10 3 1',
    ],
    tree: [
      'agent: invoke_agent mock-model',
      '  step: step 1',
      '    llm: chat mock-model',
      '    tool: execute_tool get_weather',
      '      agent: invoke_agent mock-model',
      '        step: step 1',
      '          llm: chat mock-model',
      '  step: step 2',
      '    llm: chat mock-model',
    ],
  },
  {
    run: 'mastra',
    traces: [
      'invoke_agent assistant unset 870 88 400 20 4 2',
      'invoke_agent failing error null null null null 1 0',
      'invoke_agent greeter unset 40 12 16 0 1 0',
    ],
    tree: [
      'agent: invoke_agent assistant',
      '  llm: chat mock-model-1',
      '    step: step: 0',
      '      llm: chat mock-model-1',
      '      tool: execute_tool get_weather',
      '    step: step: 1',
      '      llm: chat mock-model-1',
      '      tool: execute_tool agent-forecaster',
      '        agent: invoke_agent forecaster',
      '          llm: chat mock-model-1',
      '            step: step: 0',
      '              llm: chat mock-model-1',
      "    other: tool output mapping: 'agent-forecaster'",
      '    step: step: 2',
      '      llm: chat mock-model-1',
    ],
  },
  {
    run: 'claude-agent-sdk',
    traces: [
      'invoke_agent claude error 0 0 0 null 0 0',
      // With the sub-agent's 50 and 8.
      'invoke_agent claude unset 870 88 400 null 4 2',
    ],
    tree: [
      'agent: invoke_agent claude',
      '  llm: chat claude-sonnet-5-20260101',
      '  tool: execute_tool get_weather',
      '  llm: chat claude-sonnet-5-20260101',
      '  tool: execute_tool Agent',
      '    llm: chat claude-haiku-4-5-20260101',
      '  llm: chat claude-sonnet-5-20260101',
    ],
    costUsd: 0.0127,
  },
]

describe.each(runs)('the runs of $run', ({ run, traces, tree, costUsd }) => {
  let directory: string
  let postgres: TestDatabase
  let capture: Capture
  let stores: Store[]

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tracehold-agents-'))
    postgres = await createDatabase()
    const urls = [`sqlite:${join(directory, 'runs.db')}`, postgres.url]
    capture = await captureRun(run, { with: [ours], env: { TRACEHOLD_URLS: JSON.stringify(urls) } })
    stores = await Promise.all(urls.map((url) => openStore(url)))
  }, captureTimeoutMs)

  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await postgres.drop()
    await rm(directory, { recursive: true })
  })

  it('are stored whole, and nothing is lost or refused', async () => {
    for (const outcome of capture.attached) expect(outcome).toMatchObject({ lost: 0, refused: 0, pending: 0, late: 0 })
  })

  it('count what the SDK itself reports, once', async () => {
    for (const store of stores) {
      const { items } = await store.traces.list()
      const found = items.map((trace) => {
        const { name, status, inputTokens, outputTokens, cacheReadTokens, reasoningTokens } = trace
        const tokens = [inputTokens, outputTokens, cacheReadTokens, reasoningTokens]
        return [name, status, ...tokens, trace.llmCallCount, trace.toolCallCount].map(String).join(' ')
      })
      expect(found.sort()).toEqual([...traces].sort())
      if (costUsd !== undefined) expect(Math.max(...items.map((trace) => trace.costUsd ?? 0))).toBe(costUsd)
    }
  })

  it('keep the tree, session, user, errors and what was said', async () => {
    for (const store of stores) {
      const [largest] = (await store.traces.list()).items.sort((a, b) => (b.inputTokens ?? 0) - (a.inputTokens ?? 0))
      expect(largest).toMatchObject({ sessionId: 'session-42', userId: 'user-7' })
      const spans = await store.spans.ofTrace(largest?.traceId ?? '')
      expect(paths(spans)).toEqual(pathsOf(tree))
      const [failed] = (await store.traces.list({ status: 'error' })).items
      expect(failed?.statusMessage).toContain('The prompt is too long.')
      const tool = spans.find(({ toolName }) => toolName === 'get_weather')
      expect(tool?.toolCallId ?? 'call_weather_1').toBe('call_weather_1')
      const texts = await Promise.all(
        spans.filter(({ kind }) => kind === 'llm').map((span) => store.spans.messages(span.traceId, span.spanId)),
      )
      expect(JSON.stringify(texts)).toContain('It is 18 degrees in Paris.')
    }
  })
})

it(
  'the integration of the AI SDK gives the rows that its own OpenTelemetry integration gives',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tracehold-agents-'))
    const url = `sqlite:${join(directory, 'runs.db')}`
    await captureRun('ai-sdk-events', { with: [ours], env: { TRACEHOLD_URLS: JSON.stringify([url]) } })
    const { otlp } = await captureRun('ai-sdk')
    await using ofEvents = await openStore(url)
    await using ofSpans = await openStore('sqlite::memory:', { migrate: true })
    await importDocuments(ofSpans, Readable.from([JSON.stringify(otlp)]))
    expect(await calls(ofEvents)).toEqual(await calls(ofSpans))
    await rm(directory, { recursive: true })
  },
  captureTimeoutMs,
)

/** Every span but embeddings, in the columns that tell. Usage that wrappers repeat is left out: it differs. */
async function calls(store: Store): Promise<string[]> {
  const { items } = await store.spans.list({ limit: 1000 })
  return items
    .filter(({ kind }) => kind !== 'embedding')
    .map(({ kind, name, model, requestModel, provider, agentName, toolName, toolCallId, finishReasons, ...rest }) => {
      const { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens, reasoningTokens, reader } = rest
      const tokens =
        kind === 'step' ? null : [inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens, reasoningTokens]
      return JSON.stringify([
        kind,
        name,
        model,
        requestModel,
        provider,
        agentName,
        toolName,
        toolCallId,
        finishReasons,
        tokens,
        reader,
      ])
    })
    .sort()
}

/** Each span with all that it is inside, sorted: spans of one millisecond have no order. */
function paths(spans: readonly SpanSummary[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const pathOf = ({ kind, name, parentSpanId }: SpanSummary): string => {
    const parent = byId.get(parentSpanId ?? '')
    return `${parent ? `${pathOf(parent)} > ` : ''}${kind}: ${name}`
  }
  // Parts of a streamed answer are left out.
  return spans
    .filter(({ name }) => !name.startsWith('chunk: '))
    .map(pathOf)
    .sort()
}

/** The same of a tree as it is written above. */
function pathsOf(tree: readonly string[]): string[] {
  const above: string[] = []
  return tree
    .map((line) => {
      const depth = line.search(/\S/) / 2
      above.splice(depth, above.length, line.trim())
      return above.join(' > ')
    })
    .sort()
}
