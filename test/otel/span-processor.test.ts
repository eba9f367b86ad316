import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { BasicTracerProvider, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type StorageError, type Store } from '../../src/index.ts'
import { type SpanProcessorOptions, TraceholdSpanProcessor } from '../../src/otel/index.ts'
import { describeBackends } from '../backends.ts'

describeBackends('a span processor', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url())
  })
  afterAll(() => store.close())

  let projects = 0
  /** An agent under the SDK, whose spans go into a project of their own. */
  function startAgent(options: SpanProcessorOptions = {}, sampler?: Sampler) {
    projects += 1
    const own = store.forProject(`project-${projects}`)
    const processor = new TraceholdSpanProcessor({ store: own, delayMs: 10, ...options } as SpanProcessorOptions)
    const provider = new BasicTracerProvider({ spanProcessors: [processor], ...(sampler && { sampler }) })
    return { own, processor, provider, tracer: provider.getTracer('my-app') }
  }

  /** The next rows of a table that are stored from now on. */
  async function nextSpans(own: Store, work: () => void) {
    const written = own.subscribe('spans', { after: await own.cursorOfNow('spans') })
    work()
    const { value } = await written.next()
    await written.return()
    return value?.items ?? []
  }

  it('shows a long span while it runs, and replaces it by its end', async () => {
    const { own, provider, tracer } = startAgent()
    const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'weather' }
    let run: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
    const shown = await nextSpans(own, () => {
      run = tracer.startSpan('invoke_agent weather', { attributes })
    })
    expect(shown).toMatchObject([{ name: 'invoke_agent weather', status: 'running', endTime: null, durationMs: null }])
    const { traceId } = run.spanContext()
    expect(await own.traces.list({ status: 'running' })).toMatchObject({
      items: [{ traceId, status: 'running', agentName: 'weather', spanCount: 1 }],
    })
    const tailed: unknown[] = []
    for await (const each of own.traces.tail({ lines: 1, once: true })) tailed.push(each)
    expect(tailed).toMatchObject([{ traceId, status: 'running' }])
    const call = tracer.startSpan('chat', {}, trace.setSpan(ROOT_CONTEXT, run))
    call.setAttributes({ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 40 }).end()
    await provider.forceFlush()
    expect(await own.traces.get(traceId)).toMatchObject({ status: 'running', spanCount: 2, inputTokens: 40 })
    run.setAttribute('late', 'known at the end').end()
    await provider.shutdown()
    expect(await own.traces.get(traceId)).toMatchObject({ status: 'unset', spanCount: 2 })
    expect(await own.spans.get(traceId, run.spanContext().spanId)).toMatchObject({
      status: 'unset',
      endTime: expect.any(String),
      attributes: { late: 'known at the end' },
    })
  })

  it('stores short spans once, and those that run only when asked', async () => {
    const short = startAgent({ delayMs: 60_000 })
    short.tracer.startSpan('short').end()
    short.tracer.startSpan('still runs')
    await short.provider.shutdown()
    expect((await short.own.spans.list()).items.map(({ name }) => name)).toEqual(['short'])
    expect(short.processor.stats()).toMatchObject({ exported: 1, stored: 1 })

    const silent = startAgent({ running: false })
    silent.tracer.startSpan('runs')
    const ended = await nextSpans(silent.own, () => silent.tracer.startSpan('ended').end())
    expect(ended).toMatchObject([{ name: 'ended' }])
    await silent.provider.shutdown()
    expect(await silent.own.spans.count()).toBe(1)
  })

  it('stores full batches without delay', async () => {
    const { own, provider, tracer } = startAgent({ delayMs: 60_000, batchSpans: 3 })
    const rows = await nextSpans(own, () => {
      for (const name of ['a', 'b', 'c', 'd']) tracer.startSpan(name).end()
    })
    expect(rows.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c'])
    await provider.forceFlush()
    expect(await own.spans.count()).toBe(4)
    await provider.shutdown()
  })

  it('leaves out what the sampler leaves out', async () => {
    const records = { shouldSample: () => ({ decision: SamplingDecision.RECORD }), toString: () => 'records' }
    const { own, processor, provider, tracer } = startAgent({}, records)
    tracer.startSpan('recorded').end()
    await provider.shutdown()
    expect(await own.spans.count()).toBe(0)
    expect(processor.stats().exported).toBe(0)
  })

  it('never lets a span run that has ended, however they overlap', async () => {
    const { own, provider, tracer } = startAgent({ delayMs: 0, batchSpans: 2 })
    const turns = Array.from({ length: 40 }, async (_, index) => {
      const spans = Array.from({ length: 5 }, () => tracer.startSpan(`turn ${index}`))
      for (const span of spans) {
        await new Promise((resolve) => setImmediate(resolve))
        span.end()
      }
    })
    await Promise.all(turns)
    await provider.shutdown()
    expect(await own.spans.count({ status: 'running' })).toBe(0)
    expect(await own.spans.count()).toBe(200)
  })
})

it('warns of spans that are lost, where nobody listens to its errors', async () => {
  const store = await openStore('sqlite::memory:', { migrate: true })
  await store.close()
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const lost = new TraceholdSpanProcessor({ store })
  const provider = new BasicTracerProvider({ spanProcessors: [lost] })
  provider.getTracer('my-app').startSpan('lost').end()
  await provider.forceFlush()
  expect(await warned).toMatchObject({ name: 'TraceholdWarning', message: expect.stringMatching(/closed/) })
  const told: StorageError[] = []
  const heard = new TraceholdSpanProcessor({ store, onError: (error) => told.push(error) })
  const other = new BasicTracerProvider({ spanProcessors: [heard] })
  other.getTracer('my-app').startSpan('lost').end()
  await other.forceFlush()
  expect(told).toMatchObject([{ name: 'PoolError' }])
  expect(heard.stats()).toMatchObject({ exported: 1, lost: 1 })
})
