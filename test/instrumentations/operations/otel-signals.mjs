// Spans, logs and metrics with every kind of value that the API takes.
import { answers, fails, sessionId, userQuestion } from '../scenario.mjs'

/** Makes the signals; `api` is the generation's own `@opentelemetry/api`. */
export async function makeSignals(api, { tracer, logger, meter }) {
  makeSpans(api, tracer, logger)
  makeMetrics(meter)
}

function makeSpans(api, tracer, logger) {
  const { SpanKind, SpanStatusCode, context, trace } = api
  const root = tracer.startSpan('handle request', { kind: SpanKind.SERVER, attributes: { 'session.id': sessionId } })
  const inside = trace.setSpan(context.active(), root)
  context.with(inside, () => {
    const chat = tracer.startSpan('chat gpt-5-mini', { kind: SpanKind.CLIENT, attributes: chatAttributes() })
    makeLogs(logger, trace.setSpan(inside, chat))
    chat.end()
    makeOddSpan(tracer, root)
    const failed = tracer.startSpan('execute_tool get_weather', { attributes: { 'gen_ai.tool.name': 'get_weather' } })
    failed.recordException(new TypeError(fails.error.message))
    failed.setStatus({ code: SpanStatusCode.ERROR, message: fails.error.message })
    failed.end()
  })
  root.setStatus({ code: SpanStatusCode.OK })
  root.end()
}

function chatAttributes() {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5-mini',
    'gen_ai.request.temperature': 0.5,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': answers.usage.input,
    'gen_ai.usage.output_tokens': answers.usage.output,
    'gen_ai.usage.cache_read.input_tokens': answers.usage.cacheRead,
    'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: userQuestion }] }]),
  }
}

/** Arrays, links, events and times of its own; more attributes, events and links than the limits allow. */
function makeOddSpan(tracer, root) {
  const link = { context: root.spanContext(), attributes: { reason: 'retry' } }
  const many = Object.fromEntries(Array.from({ length: 18 }, (_, index) => [`many.${index}`, index]))
  const attributes = {
    flag: true,
    large: Number.MAX_SAFE_INTEGER,
    fraction: 0.1,
    words: ['a', '', 'ü'],
    numbers: [1, 2.5],
    flags: [true, false],
    sparse: ['a', null, 'b'],
    // Values that only 3.x takes.
    map: { a: { b: [1, null] } },
    bytes: new Uint8Array([1, 2, 255]),
    nothing: null,
    ...many,
  }
  const startTime = [1_780_000_000, 123_456_789]
  const span = tracer.startSpan('odd', { attributes, links: [link, link, link, link], startTime })
  for (let index = 0; index < 7; index++)
    span.addEvent(`event ${index}`, { index }, [1_780_000_000, 200_000_000 + index])
  span.addLink?.(link)
  span.end([1_780_000_001, 1])
}

/** Bodies of every kind, in and out of a span, with and without times and a name. */
function makeLogs(logger, context) {
  logger.emit({ body: 'plain text', severityNumber: 9, severityText: 'INFO', attributes: { user: 'user-7' }, context })
  logger.emit({ body: { nested: { list: [1, 'two', true, null, { deep: 0.5 }] } }, severityNumber: 17, context })
  logger.emit({
    body: new Uint8Array([1, 2, 255]),
    timestamp: [1_780_000_000, 1],
    observedTimestamp: 1_780_000_000_500,
  })
  logger.emit({ body: 42, severityText: 'custom' })
  logger.emit({ attributes: { 'event.name': 'older.event', map: { a: { b: [1] } } } })
  logger.emit({ eventName: 'gen_ai.client.inference.operation.details', attributes: chatAttributes(), context })
}

function makeMetrics(meter) {
  const attributes = { model: 'gpt-5-mini', ok: true }
  meter.createCounter('requests', { description: 'Requests.', unit: '{request}' }).add(3, attributes)
  meter.createUpDownCounter('open').add(-2, attributes)
  meter.createGauge('temperature', { unit: 'Cel' }).record(18.5)
  const histogram = meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}' })
  for (const tokens of [5, 250, 320]) histogram.record(tokens, { ...attributes, 'gen_ai.token.type': 'input' })
  const exponential = meter.createHistogram('queue.wait', { unit: 's' })
  for (const seconds of [0, 0.001, 0.5, 1, 2, 1000]) exponential.record(seconds)
  meter.createObservableGauge('memory', { unit: 'By' }).addCallback((result) => result.observe(2 ** 40, attributes))
  meter.createObservableCounter('ticks', { valueType: 0 }).addCallback((result) => result.observe(7))
}
