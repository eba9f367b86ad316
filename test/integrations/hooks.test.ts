import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { TraceholdTelemetry } from '../../src/integrations/ai-sdk.ts'
import { TraceholdClaudeTracer } from '../../src/integrations/claude-agent-sdk.ts'
import { TraceholdCallbackHandler } from '../../src/integrations/langchain.ts'
import { TraceholdMastraExporter } from '../../src/integrations/mastra.ts'
import { TraceholdTracingProcessor } from '../../src/integrations/openai-agents.ts'
import { jsonOf } from '../../src/text/json-of.ts'
import { runs } from '../runs.ts'

let store: Store

beforeAll(async () => {
  store = await openStore('sqlite::memory:', { migrate: true })
})

afterAll(() => store.close())

const throwing = {
  [fc.toStringMethod]: () => 'an object that throws',
  get name() {
    throw new Error('no')
  },
}
const circular: { self?: unknown } = {}
circular.self = circular
/** Anything that an SDK, or whoever calls a hook, may hand over. */
const anything = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
  fc.constantFrom<unknown>(throwing, circular, () => 1, Symbol('x'), new Error('failed'), Number.NaN),
)

it('a value of a program has a JSON form or none, and is never an error', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const json = jsonOf(value)
      if (json !== undefined) expect(JSON.parse(JSON.stringify(json))).toEqual(json)
    }),
    { numRuns: runs(200, 5_000) },
  )
})

it('the integration of the AI SDK says when the one for OpenTelemetry is registered too, once', async () => {
  class OpenTelemetry {}
  vi.stubGlobal('AI_SDK_TELEMETRY_INTEGRATIONS', [new OpenTelemetry()])
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    const telemetry = new TraceholdTelemetry({ store })
    telemetry.onStart({ callId: 'one' })
    telemetry.onStart({ callId: 'two' })
    await telemetry.shutdown()
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]?.[0]).toContain('register one of the two')
  } finally {
    vi.unstubAllGlobals()
    warn.mockRestore()
  }
})

it('hooks take anything, throw nothing, and store what comes after it', async () => {
  const options = { store, delayMs: 1, onError: () => {} }
  const agents = new TraceholdTracingProcessor(options)
  const langchain = new TraceholdCallbackHandler(options)
  const mastra = new TraceholdMastraExporter(options)
  const telemetry = new TraceholdTelemetry(options)
  const claude = new TraceholdClaudeTracer(options)
  const ids = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('s1', 's2'))
  await fc.assert(
    fc.asyncProperty(anything, anything, anything, ids, async (x, y, z, [id, other]) => {
      // Types are what the SDKs promise; what comes may be anything.
      const [ax, ay, az] = [x, y, z] as never[]
      const item = {
        traceId: id,
        spanId: other,
        parentId: null,
        startedAt: x,
        endedAt: y,
        spanData: z,
        error: x,
      } as never
      await agents.onTraceStart({ traceId: id, name: y, metadata: z } as never)
      await agents.onSpanStart(item)
      await agents.onSpanEnd(item)
      langchain.handleChatModelStart(ax, y, id, other, az, ay, ax, az)
      langchain.handleLLMNewToken('', ax, id)
      langchain.handleLLMEnd(z, id)
      langchain.handleToolStart(ax, y, id, undefined, az, ay)
      langchain.handleToolError(x, id)
      const span = { id, traceId: other, name: 'n', type: 'agent_run', startTime: x, attributes: y, metadata: z }
      await mastra.exportTracingEvent({ type: 'span_started', exportedSpan: span as never })
      await mastra.exportTracingEvent({ type: 'span_ended', exportedSpan: { ...span, endTime: y } as never })
      await mastra.onScoreEvent({ score: { traceId: other, score: x, metadata: y } as never })
      for (const hook of [
        telemetry.onStart,
        telemetry.onStepStart,
        telemetry.onLanguageModelCallStart,
        telemetry.onLanguageModelCallEnd,
      ]) {
        hook({ callId: id, modelId: x, messages: y, usage: z, runtimeContext: x } as never)
      }
      telemetry.onEnd({ callId: id, totalUsage: y, content: x } as never)
      telemetry.onError(x)
      async function* messages() {
        yield { type: 'assistant', message: x, parent_tool_use_id: y }
        yield { type: 'user', message: z }
        yield x
      }
      for await (const _ of claude.trace(messages()));
    }),
    { numRuns: runs(50, 1_000) },
  )
  await agents.onSpanEnd({
    traceId: 'after',
    spanId: 'all',
    parentId: null,
    startedAt: '2026-06-01T00:00:00.000Z',
    endedAt: '2026-06-01T00:00:01.000Z',
    spanData: { type: 'agent', name: 'helper' },
    error: null,
  })
  for (const each of [agents, langchain, telemetry, claude, mastra]) await each.shutdown()
  expect(await store.traces.get('after')).toMatchObject({ agentName: 'helper', spanCount: 1 })
})
