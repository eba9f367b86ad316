import { describe, expect, it } from 'vitest'
import { importDocuments, openStore, redact, type Store } from '../../../src/index.ts'
import { otlpAttributes, otlpSpan } from '../../formats/otlp-spans.ts'
import { onScratch } from './scratch-store.ts'

const canary = 'sk-canary-4f1d9'
const nanos = '1763000000000000000'
const bytes = { bytesValue: Buffer.from(`bytes ${canary}`).toString('base64') }
const nested = (text: string) => ({ kvlistValue: { values: otlpAttributes({ deep: text, [`key ${text}`]: 1 }) } })
const messages = (text: string) => JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: text }] }])

/** Everything that a service sends, with a text in every place that takes one. */
function documentsWith(text: string): object[] {
  const attributes = otlpAttributes({
    plain: text,
    list: [text, 'other'],
    map: nested(text),
    bytes,
    'gen_ai.operation.name': 'chat',
    'gen_ai.agent.name': text,
    'gen_ai.input.messages': messages(`"quoted" ${text} \\ü`),
    'gen_ai.output.messages': messages(text),
    'session.id': text,
    'user.id': text,
  })
  const resource = { attributes: otlpAttributes({ 'service.name': text, 'deployment.environment.name': text }) }
  const scope = { name: text, version: text, attributes: otlpAttributes({ of: text }) }
  const span = otlpSpan({
    name: `chat ${text}`,
    attributes,
    traceState: `v=${text}`,
    status: { code: 2, message: text },
    events: [
      { name: text, timeUnixNano: nanos, attributes },
      { name: 'exception', timeUnixNano: nanos, attributes: otlpAttributes({ 'exception.type': text }) },
      {
        name: 'gen_ai.evaluation.result',
        timeUnixNano: nanos,
        attributes: otlpAttributes({ 'gen_ai.evaluation.name': text, 'gen_ai.evaluation.explanation': text }),
      },
    ],
    links: [{ traceId: '1af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203332', attributes }],
  })
  const log = {
    timeUnixNano: nanos,
    severityText: text,
    eventName: text,
    body: nested(text),
    attributes,
  }
  const point = {
    timeUnixNano: nanos,
    attributes,
    asDouble: 1,
    exemplars: [{ timeUnixNano: nanos, asDouble: 1, filteredAttributes: attributes }],
  }
  const metric = { name: `tokens ${text}`, unit: text, description: text, gauge: { dataPoints: [point] } }
  return [
    { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] },
    {
      resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [log, { ...log, body: { stringValue: text } }] }] }],
    },
    { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [metric] }] }] },
  ]
}

async function load(store: Store, documents: readonly object[]) {
  return importDocuments(
    store,
    (async function* () {
      yield documents.map((document) => JSON.stringify(document)).join('\n')
    })(),
  )
}

describe('redact', () => {
  it('leaves a secret nowhere in the bytes of the database, wherever it stood', async () => {
    const documents = documentsWith(canary)
    const { bytes: plain } = await onScratch({}, (store) => load(store, documents))
    expect(plain.includes(canary)).toBe(true)
    const transform = redact({ patterns: [/sk-canary-\w+/] })
    const { bytes: clean, result } = await onScratch({ transform }, async (store) => ({
      report: await load(store, documents),
      trace: await store.traces.get('0af7651916cd43dd8448eb211c80319c'),
    }))
    expect(clean.includes(canary)).toBe(false)
    expect(clean.includes(bytes.bytesValue)).toBe(false)
    expect(result.report).toMatchObject({
      spans: 1,
      events: 3,
      results: 1,
      logs: 2,
      points: 1,
      metrics: 1,
      rejected: 0,
    })
    expect(result.trace?.spans[0]).toMatchObject({
      name: 'chat [redacted]',
      kind: 'llm',
      statusMessage: '[redacted]',
      input: messages('"quoted" [redacted] \\ü'),
      attributes: { plain: '[redacted]', list: ['[redacted]', 'other'], bytes: '[redacted]' },
    })
    // A note of bytes on what is a text now would break an export.
    expect(result.trace?.spans[0]?.attributeTypes?.['/attributes/bytes']).toBeUndefined()
  })

  it('replaces what a key names, at any depth, in JSON that is text, and in the columns that repeat it', async () => {
    const span = {
      traceId: 't',
      spanId: 's',
      name: 'login',
      startTime: '2026-06-01T00:00:00Z',
      userId: 'jane@example.org',
      input: JSON.stringify({ arguments: JSON.stringify({ Password: 'p1', city: 'Paris' }) }),
      contentKeys: { output: 'tool.result' },
      output: 'p3',
      attributes: {
        'user.password': 'p2',
        'user.email': 'jane@example.org',
        pin: 1234,
        list: [{ password: { a: 1 } }],
      },
      attributeTypes: { '/attributes/pin': 'double', '/attributes/other': 'empty' },
    } as const
    const { result, bytes: file } = await onScratch(
      { transform: redact({ keys: ['password', /mail$/, 'pin', 'tool.result'], replacement: '#' }) },
      async (store) => {
        await store.writers.spans.write(span)
        return store.spans.get('t', 's')
      },
    )
    expect(result).toMatchObject({
      userId: '#',
      output: '#',
      input: JSON.stringify({ arguments: JSON.stringify({ Password: '#', city: 'Paris' }) }),
      attributes: { 'user.password': '#', 'user.email': '#', pin: '#', list: [{ password: '#' }] },
      attributeTypes: { '/attributes/other': 'empty' },
    })
    expect(file.includes('jane@example.org')).toBe(false)
  })

  it('leaves ids, links and what nothing matches alone: the same record', () => {
    const transform = redact({ patterns: ['abc', /\d{8}/] })
    const record = {
      traceId: 'abc12345678',
      spanId: 'abc',
      name: 'x',
      startTime: '2026-06-01T00:00:00Z',
      links: [{ traceId: '12345678', spanId: 'abc', attributes: { a: 1 } }],
    }
    expect(transform(record, 'spans')).toBe(record)
    const linked = { ...record, links: [{ traceId: '12345678', spanId: 'abc', attributes: { a: 12345678 } }] }
    expect(transform(linked, 'spans')).toMatchObject({
      traceId: 'abc12345678',
      links: [{ traceId: '12345678', spanId: 'abc', attributes: { a: '[redacted]' } }],
    })
  })

  it('must be told what to replace', () => {
    expect(() => redact({})).toThrow('keys or patterns')
  })
})

describe('a store', () => {
  it('reads from the environment that content is not captured', async () => {
    const { result } = await onScratch({ captureContent: false }, async (store) => {
      await load(store, documentsWith(canary))
      const trace = await store.traces.get('0af7651916cd43dd8448eb211c80319c')
      const logs = await store.logs.list({})
      return { span: trace?.spans[0], logs: logs.items }
    })
    expect(result.span).toMatchObject({ input: null, output: null, contentKeys: null, agentName: canary })
    expect(Object.keys(result.span?.attributes ?? {})).not.toContain('gen_ai.input.messages')
    expect(Object.keys(result.span?.events[0]?.attributes ?? {})).not.toContain('gen_ai.output.messages')
    expect(Object.keys(result.span?.events[0]?.attributes ?? {})).toContain('plain')
    expect(result.logs.map(({ body }) => body)).toEqual([null, null])
    process.env.TRACEHOLD_CAPTURE_CONTENT = 'false'
    process.env.TRACEHOLD_URL = 'sqlite::memory:'
    try {
      await using store = await openStore(undefined, { migrate: true })
      await store.writers.spans.write({ traceId: 't', spanId: 's', name: 'x', startTime: new Date(), input: 'secret' })
      expect((await store.spans.get('t', 's'))?.input).toBeNull()
    } finally {
      delete process.env.TRACEHOLD_CAPTURE_CONTENT
      delete process.env.TRACEHOLD_URL
    }
  })
})
