// Writes traces.otlp.jsonl, or the file that the argument names: the scenarios as OpenTelemetry traces with the GenAI
// names, one OTLP/JSON request a line. The same scenarios give the same bytes: ids and the jitter of times are hashes.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { agents, scenarios } from './scenarios.mjs'

/** US dollars per million tokens. */
const models = {
  'claude-sonnet-4-5': { provider: 'anthropic', release: '20250929', input: 3, cached: 0.3, output: 15 },
  'claude-haiku-4-5': { provider: 'anthropic', release: '20251001', input: 1, cached: 0.1, output: 5 },
  'gpt-5': { provider: 'openai', release: '2025-08-07', input: 1.25, cached: 0.125, output: 10 },
  'text-embedding-3-small': { provider: 'openai', input: 0.02, cached: 0.02, output: 0 },
}

const spanKind = { internal: 1, client: 3 }
const status = { ok: 1, error: 2 }
const charactersPerToken = 4
const millisecondsPerToken = 19

const hash = (text) => createHash('sha256').update(text).digest('hex')

/** A number from 0 to 1 that `text` decides. */
const jitter = (text) => Number.parseInt(hash(text).slice(0, 8), 16) / 0xffffffff

const countTokens = (text) => Math.ceil(text.length / charactersPerToken)

const json = JSON.stringify

/** Whole numbers are counts: a value that may be fractional is wrapped as `double`. */
const double = (value) => ({ doubleValue: value })

function otlpValue(value) {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(otlpValue) } }
  if (typeof value === 'number') return { intValue: String(value) }
  return typeof value === 'string' ? { stringValue: value } : value
}

const otlpAttributes = (attributes) =>
  Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: otlpValue(value) }))

/** Collects the spans of one trace. Times are in microseconds. */
class Trace {
  spans = []
  traceId

  constructor(scenario) {
    this.scenario = scenario
    this.traceId = hash(`trace ${scenario.at}`).slice(0, 32)
  }

  /** Opens a span, whose number in the trace makes its id. It lands before its children. */
  open(name, kind, parent, start) {
    const span = { traceId: this.traceId, spanId: hash(`${this.traceId} ${this.spans.length}`).slice(0, 16) }
    if (parent) span.parentSpanId = parent.spanId
    this.spans.push(Object.assign(span, { name, kind, startTimeUnixNano: `${start}000` }))
    return span
  }

  /** Ends a span and returns its end. */
  close(span, end, attributes, error) {
    span.endTimeUnixNano = `${end}000`
    span.attributes = otlpAttributes({ ...attributes, 'error.type': error?.type })
    span.status = error ? { code: status.error, message: error.message } : { code: status.ok }
    if (error) {
      const exception = { 'exception.type': error.type, 'exception.message': error.message }
      span.events = [{ timeUnixNano: `${end}000`, name: 'exception', attributes: otlpAttributes(exception) }]
    }
    return end
  }

  /** Runs steps one after the other from `start`, and returns the end of the last. */
  run(steps, parent, start, context) {
    return steps.reduce((now, step, index) => {
      const pause = Math.round(400 + 2600 * jitter(`${this.traceId} pause ${now}`))
      return this.step(step, parent, now + pause, context, steps.slice(index + 1))
    }, start)
  }

  step(step, parent, start, context, next) {
    if (step.type === 'chat') return this.chat(step, parent, start, context, next)
    if (step.type === 'tool') return this.tool(step, parent, start, context)
    if (step.type === 'retrieval') return this.retrieval(step, parent, start, context)
    if (step.type === 'agent') return this.agent(step, parent, start, context)
    const ends = step.steps.map((each) => this.step(each, parent, start, context, []))
    return Math.max(...ends)
  }

  /** A model call. It sees all that came before, which the provider has cached but for what is new. */
  chat({ says, ms, error }, parent, start, context, next) {
    const { model } = context.agent
    const price = models[model]
    const span = this.open(`chat ${model}`, spanKind.client, parent, start)
    const request = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': price.provider,
      'gen_ai.request.model': model,
      'gen_ai.conversation.id': this.scenario.session,
      'gen_ai.input.messages': json(context.unread),
    }
    if (error) return this.close(span, later(start, ms), request, error)

    const answer = says ? [{ type: 'text', content: says }] : next.slice(0, untilChat(next)).flatMap(toolCalls)
    const output = countTokens(json(answer))
    const input = context.tokens
    const cached = context.cached
    const firstChunkMs = Math.round(380 + 640 * jitter(`${span.spanId} first`))
    const end = later(start, firstChunkMs + output * millisecondsPerToken)
    const cost = ((input - cached) * price.input + cached * price.cached + output * price.output) / 1e6
    Object.assign(context, { unread: [], cached: input, tokens: input + output })
    return this.close(span, end, {
      ...request,
      'gen_ai.response.model': `${model}-${price.release}`,
      'gen_ai.response.id': `${price.provider === 'openai' ? 'resp' : 'msg'}_${hash(span.spanId).slice(0, 20)}`,
      'gen_ai.response.finish_reasons': [says ? 'stop' : 'tool_calls'],
      'gen_ai.response.time_to_first_chunk': double(firstChunkMs / 1000),
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.cache_read.input_tokens': cached || undefined,
      'gen_ai.usage.output_tokens': output,
      'llm.cost.total': double(Number(cost.toFixed(6))),
      'gen_ai.output.messages': json([{ role: 'assistant', parts: answer }]),
    })
  }

  tool(step, parent, start, context) {
    const { name, input, result, ms, tokens, error } = step
    const span = this.open(`execute_tool ${name}`, spanKind.internal, parent, start)
    const response = error ? error.message : json(result)
    read(context, 'tool', { type: 'tool_call_response', id: callId(step), response }, tokens ?? countTokens(response))
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': callId(step),
      'gen_ai.tool.call.arguments': json(input),
      'gen_ai.tool.call.result': error ? undefined : json(result),
    }
    return this.close(span, later(start, ms, error ? undefined : span.spanId), attributes, error)
  }

  retrieval(step, parent, start, context) {
    const { source, query, documents, ms } = step
    const span = this.open(`retrieval ${source}`, spanKind.client, parent, start)
    const model = 'text-embedding-3-small'
    const embedding = this.open(`embeddings ${model}`, spanKind.client, span, later(start, 1))
    const tokens = countTokens(query)
    this.close(embedding, later(start, ms * 0.6, embedding.spanId), {
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.provider.name': models[model].provider,
      'gen_ai.request.model': model,
      'gen_ai.usage.input_tokens': tokens,
      'llm.cost.total': double((tokens * models[model].input) / 1e6),
    })
    read(context, 'tool', { type: 'tool_call_response', id: callId(step), response: json(documents) }, 340)
    return this.close(span, later(start, ms, span.spanId), {
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.data_source.id': source,
      'gen_ai.retrieval.query.text': query,
      'gen_ai.retrieval.documents': json(documents.map((title, rank) => ({ title, score: (91 - 7 * rank) / 100 }))),
    })
  }

  agent({ agent: key, task, steps }, parent, start, context) {
    const agent = agents[key]
    const span = this.open(`invoke_agent ${agent.name}`, spanKind.internal, parent, start)
    const end = this.run(steps, span, start, newContext(agent, task))
    read(context, 'tool', { type: 'text', content: steps.at(-1).says }, countTokens(steps.at(-1).says))
    return this.close(span, end, agentAttributes(agent))
  }

  root() {
    const { at, asks, session, user, steps, fails } = this.scenario
    const agent = agents[this.scenario.agent]
    const start = microseconds(at)
    const span = this.open(`invoke_agent ${agent.name}`, spanKind.internal, undefined, start)
    const end = later(this.run(steps, span, start, newContext(agent, asks)), 1)
    const identity = { 'gen_ai.conversation.id': session, 'user.id': user }
    this.close(span, end, { ...agentAttributes(agent), ...identity, ...conversation(asks, steps.at(-1).says) }, fails)
  }
}

/** What an agent's model has seen: tokens so far, how many of them are cached, and messages not sent yet. */
function newContext(agent, task) {
  const unread = [{ role: 'user', parts: [{ type: 'text', content: task }] }]
  return { agent, tokens: agent.promptTokens + countTokens(task), cached: 0, unread }
}

function read(context, role, part, tokens) {
  context.unread.push({ role, parts: [part] })
  context.tokens += tokens
}

const agentAttributes = ({ name, version }) => ({
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.agent.name': name,
  'gen_ai.agent.version': version,
})

const conversation = (asks, says) => ({
  'gen_ai.input.messages': json([{ role: 'user', parts: [{ type: 'text', content: asks }] }]),
  'gen_ai.output.messages': json([{ role: 'assistant', parts: [{ type: 'text', content: says }] }]),
})

function toolCalls(step) {
  if (step.type === 'together') return step.steps.flatMap(toolCalls)
  const [name, input] = {
    tool: [step.name, step.input],
    retrieval: [step.source, step.query],
    agent: [`ask_${step.agent}`, step.task],
  }[step.type]
  return [{ type: 'tool_call', id: callId(step), name, arguments: input }]
}

const calls = new Map()

/** The id of a step's call: the model that asks for it and the tool's own span must agree on it. */
function callId(step) {
  if (!calls.has(step)) calls.set(step, `call_${hash(`call ${calls.size}`).slice(0, 12)}`)
  return calls.get(step)
}

function untilChat(steps) {
  const index = steps.findIndex(({ type }) => type === 'chat')
  return index === -1 ? steps.length : index
}

const microseconds = (iso) => Date.parse(iso) * 1000 + Number(iso.slice(23, 26))

/** `ms` after `start`, up to 8 % earlier or later where a `seed` is given. */
function later(start, ms, seed) {
  const factor = seed ? 0.92 + 0.16 * jitter(seed) : 1
  return start + Math.round(ms * 1000 * factor)
}

function request(scenario) {
  const trace = new Trace(scenario)
  trace.root()
  const resource = { 'service.name': scenario.service, 'deployment.environment.name': 'production' }
  return {
    resourceSpans: [
      {
        resource: { attributes: otlpAttributes(resource) },
        scopeSpans: [{ scope: { name: 'tracehold.demo', version: '1.0.0' }, spans: trace.spans }],
      },
    ],
  }
}

const lines = scenarios.map((scenario) => `${json(request(scenario))}\n`)
writeFileSync(process.argv[2] ?? new URL('./traces.otlp.jsonl', import.meta.url), lines.join(''))
