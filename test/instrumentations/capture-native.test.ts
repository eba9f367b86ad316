import { beforeAll, describe, expect, it } from 'vitest'
import { type Capture, captureRun, captureTimeoutMs } from './capture.ts'

interface Item {
  callback?: string
  event?: Event
  item?: { spanData?: { type: string; usage?: TokenUsage; _response?: { usage: TokenUsage } } }
  message?: { type: string; message?: { id: string; usage: TokenUsage } }
}

interface Event {
  type?: string
  usage?: { inputTokens: number; outputTokens: number }
  exportedSpan?: { type: string; attributes?: { usage?: { inputTokens?: number; outputTokens?: number } } }
}

interface TokenUsage {
  input_tokens: number
  output_tokens: number
}

interface LangChainRun {
  run_type: string
  name: string
  child_runs: LangChainRun[]
  outputs?: { generations?: { message: { kwargs: { usage_metadata: TokenUsage } } }[][] }
  events: { name: string }[]
}

describe('the run ai-sdk-events', () => {
  const run = captured('ai-sdk-events')

  it('has the events of the integration, and the channel beside them', () => {
    expect(countOf(run.items, ({ callback }) => callback)).toMatchObject({
      onStart: 5,
      onStepStart: 5,
      onLanguageModelCallEnd: 4,
      onToolExecutionEnd: 1,
      onEmbedEnd: 1,
      onEnd: 4,
      onError: 1,
    })
    expect(run.items.filter((item) => item.callback === undefined).length).toBeGreaterThan(20)
  })

  it('has the usage of each model call', () => {
    const calls = run.items.filter(({ callback }) => callback === 'onLanguageModelCallEnd')
    expect(calls.map(({ event }) => event?.usage?.inputTokens)).toEqual([250, 50, 320, 40])
  })
})

describe('the run openai-agents', () => {
  const run = captured('openai-agents')

  it('starts four traces and ends three, since the trace of a run that throws never ends', () => {
    expect(countOf(run.items, ({ callback }) => callback)).toMatchObject({ onTraceStart: 4, onTraceEnd: 3 })
  })

  it('has spans of each kind', () => {
    const ended = run.items.filter(({ callback }) => callback === 'onSpanEnd')
    expect(countOf(ended, ({ item }) => item?.spanData?.type)).toEqual({
      agent: 5,
      function: 2,
      generation: 2,
      guardrail: 1,
      handoff: 1,
      response: 5,
      task: 4,
      turn: 7,
    })
  })

  it('repeats the usage of responses in turns and tasks', () => {
    const [handoff] = run.expected.operations
    expect(handoff?.usage).toMatchObject({ requests: 3, inputTokens: 820, outputTokens: 80 })
    const ended = run.items.filter(({ callback }) => callback === 'onSpanEnd').map(({ item }) => item?.spanData)
    const tasks = ended.filter((data) => data?.type === 'task').map((data) => data?.usage?.input_tokens)
    expect(tasks).toEqual([820, 40, 570, undefined])
    const responses = ended.filter((data) => data?.type === 'response').map((data) => data?._response?.usage)
    expect(responses.map((usage) => usage?.input_tokens)).toEqual([250, 250, 320, 40, undefined])
  })
})

describe('the run langchain', () => {
  const run = captured<LangChainRun>('langchain')

  it('has one root run for each operation, the first a tree of a graph, a tool and a second graph', () => {
    expect(run.items.map(({ run_type }) => run_type)).toEqual(['chain', 'llm', 'chain', 'llm'])
    const all = run.items.flatMap(withChildren)
    expect(countOf(all, ({ run_type }) => run_type)).toMatchObject({ llm: 7, tool: 1 })
  })

  it('has the usage of each model call, and the tokens of a stream as events', () => {
    const usages = run.items.flatMap(withChildren).flatMap(({ outputs }) => outputs?.generations ?? [])
    expect(usages.map(([first]) => first?.message.kwargs.usage_metadata.input_tokens)).toEqual([250, 50, 320, 40, 320])
    expect(run.items[1]?.events.filter(({ name }) => name === 'new_token').length).toBe(4)
  })
})

describe('the run mastra', () => {
  const run = captured('mastra')

  it('has the usage of a model call on three nested spans', () => {
    const spans = run.items.map(({ event }) => event).filter((event) => event?.type === 'span_ended')
    const inputOf = (type: string) =>
      spans
        .filter((event) => event?.exportedSpan?.type === type)
        .map((event) => event?.exportedSpan?.attributes?.usage?.inputTokens ?? 0)
        .reduce((sum, tokens) => sum + tokens, 0)
    expect([inputOf('model_generation'), inputOf('model_step'), inputOf('model_inference')]).toEqual([910, 910, 910])
    expect(run.expected.operations.map(({ usage }) => usage?.inputTokens)).toEqual([820, 40, undefined])
  })

  it('has a score, a feedback and metrics', () => {
    expect(countOf(run.items, ({ callback }) => callback)).toMatchObject({ onScoreEvent: 1, onFeedbackEvent: 1 })
    expect(run.items.some(({ callback }) => callback === 'onMetricEvent')).toBe(true)
  })
})

describe('the run claude-agent-sdk', () => {
  const run = captured('claude-agent-sdk')

  it('has the messages of two turns', () => {
    expect(countOf(run.items, ({ message }) => message?.type)).toEqual({
      assistant: 6,
      result: 2,
      stream_event: 11,
      system: 2,
      user: 3,
    })
  })

  it('repeats the usage of a message whose blocks are sent apart', () => {
    const assistant = run.items.map(({ message }) => message).filter((message) => message?.type === 'assistant')
    const byId = new Map(assistant.map((message) => [message?.message?.id, message?.message?.usage.output_tokens ?? 0]))
    expect(byId.size).toBe(4)
    const [turn] = run.expected.operations
    expect(sum([...byId.values()])).toBe(80 + 8)
    expect(turn).toMatchObject({ usage: { output_tokens: 80 }, cost: 0.0127, session: 'session-42' })
  })
})

/** A capture that is made before the tests of its block. */
function captured<T = Item>(name: string): Capture<T> {
  const holder = {} as Capture<T>
  beforeAll(async () => void Object.assign(holder, await captureRun(name)), captureTimeoutMs)
  return holder
}

function withChildren(run: LangChainRun): LangChainRun[] {
  return [run, ...run.child_runs.flatMap(withChildren)]
}

function countOf<T>(items: T[], keyOf: (item: T) => string | undefined): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) {
    const key = keyOf(item)
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
