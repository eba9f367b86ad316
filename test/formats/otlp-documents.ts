import fc from 'fast-check'
import { columnNames, contentNames } from '../../src/formats/otlp/profiles/names.ts'

/** Random OTLP/JSON documents, with all that the format allows and readers get wrong. */

export const hexId = (characters: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: characters, maxLength: characters })

export const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.maxSafeInteger().map(String),
  fc.maxSafeInteger().map((value) => value + 0),
  fc.constantFrom('0', '-0', '007', '9007199254740991', '9007199254740992', '-9007199254740993', 0, 1e15),
)

export const double = fc.oneof(
  fc.double(),
  fc.double({ noNaN: true }).map(String),
  fc.constantFrom(0, -0, 5, 1e300, 5e-324, 0.1, 'NaN', 'Infinity', '-Infinity', '-0', '1.5'),
)

const knownKeys = [
  ...columnNames,
  ...contentNames,
  'gen_ai.prompt.0.content',
  'gen_ai.completion.0.finish_reason',
  'llm.input_messages.1.message.content',
  'langfuse.metadata.tier',
  'ai.request.headers.user-agent',
]

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...knownKeys) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', 'a', 'a.b', 'a/b', 'a~b', '~1', '__proto__', 'constructor', 'toString', '0', 'é'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
)

const knownText = fc.constantFrom('chat', 'LLM', 'agent', 'ai.generateText', 'ai.embed.doEmbed', '12', '[]', '["stop"]')

export const { value: anyValue, keyValue } = fc.letrec<{ value: unknown; keyValue: unknown; keyValues: unknown[] }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'value' },
      fc.oneof(fc.string(), knownText).map((stringValue) => ({ stringValue })),
      int64.map((intValue) => ({ intValue })),
      double.map((doubleValue) => ({ doubleValue })),
      fc.boolean().map((boolValue) => ({ boolValue })),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => ({ bytesValue: Buffer.from(bytes).toString('base64') })),
      fc.constantFrom<unknown>({}, { stringValue: null }, { arrayValue: {} }, { kvlistValue: {} }, { stringValue: '' }),
      fc.array(tie('value'), { maxLength: 4 }).map((values) => ({ arrayValue: { values } })),
      tie('keyValues').map((values) => ({ kvlistValue: { values } })),
    ),
    keyValue: fc.oneof(
      { weight: 20, arbitrary: fc.record({ key, value: tie('value') }) },
      { weight: 1, arbitrary: fc.record({ key }) },
    ),
    // Keys repeat often enough that the last has to win, over values of every type.
    keyValues: fc
      .array(tie('keyValue'), { maxLength: 8 })
      .chain((list) => fc.subarray(list).map((again) => [...list, ...again])),
  }),
)

export const keyValues = fc.oneof(
  fc.array(keyValue, { maxLength: 8 }),
  fc
    .tuple(fc.array(keyValue, { minLength: 1, maxLength: 4 }), fc.array(anyValue, { minLength: 1, maxLength: 4 }))
    .map(([list, values]) => [
      ...list,
      ...values.map((value, i) => ({ key: (list[i % list.length] as { key: string }).key, value })),
    ]),
)

export const uint32 = fc.oneof(fc.constant(0), fc.nat(), fc.constantFrom(4294967295, 257))
export const text = fc.oneof(fc.constant(''), fc.string({ maxLength: 8 }))
export const optional = { requiredKeys: [] as [] }

export const attributed = { attributes: keyValues, droppedAttributesCount: uint32 }

const event = fc.record(
  {
    timeUnixNano: fc.oneof(
      fc.constantFrom('0', 0),
      fc.bigInt({ min: 1n, max: 9_007_199_254_740_991_999n }).map(String),
    ),
    name: fc.oneof(text, fc.constantFrom('exception', 'gen_ai.user.message', 'gen_ai.choice')),
    ...attributed,
  },
  optional,
)

const link = fc.record(
  { traceId: hexId(32), spanId: hexId(16), traceState: text, flags: uint32, ...attributed },
  { requiredKeys: ['traceId', 'spanId'] },
)

const times = fc
  .tuple(
    fc.bigInt({ min: 1000n, max: 9_007_199_254_740_991_999n }),
    fc.bigInt({ min: 1000n, max: 9_007_199_254_740_991_999n }),
    fc.boolean(),
  )
  .map(([a, b, ended]) => {
    const [start, end] = a < b ? [a, b] : [b, a]
    return { startTimeUnixNano: String(start), ...(ended && { endTimeUnixNano: String(end) }) }
  })

const span = fc
  .record(
    {
      traceId: hexId(32),
      spanId: hexId(16),
      parentSpanId: fc.oneof(fc.constant(''), hexId(16)),
      traceState: text,
      flags: uint32,
      name: text,
      kind: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('SPAN_KIND_SERVER', 'SPAN_KIND_UNSPECIFIED')),
      status: fc.record(
        {
          code: fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom('STATUS_CODE_ERROR', 'STATUS_CODE_UNSET')),
          message: text,
        },
        optional,
      ),
      events: fc.array(event, { maxLength: 3 }),
      links: fc.array(link, { maxLength: 2 }),
      droppedEventsCount: uint32,
      droppedLinksCount: uint32,
      ...attributed,
    },
    { requiredKeys: ['traceId', 'spanId'] },
  )
  .chain((each) => times.map((given) => ({ ...each, ...given })))

const scopeSpans = fc.record(
  {
    scope: fc.record({ name: text, version: text, ...attributed }, optional),
    spans: fc.array(span, { maxLength: 3 }),
    schemaUrl: text,
  },
  { requiredKeys: ['spans'] },
)

const resourceSpans = fc.record(
  { resource: fc.record(attributed, optional), scopeSpans: fc.array(scopeSpans, { maxLength: 2 }), schemaUrl: text },
  { requiredKeys: ['scopeSpans'] },
)

/** Any `ExportTraceServiceRequest` whose spans have start times. */
export const otlpDocuments = fc.record({ resourceSpans: fc.array(resourceSpans, { maxLength: 3 }) })
