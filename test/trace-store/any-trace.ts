import fc from 'fast-check'
import { type AgentTrace, stepTypes, type TraceStep } from '../../src/index.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\u0000',
    '\ud800',
    'a.b',
    'a"b',
    'a\\b',
    '$',
    '[0]',
    '__proto__',
    'constructor',
    '1e-07',
    'ünï 🚀',
  ),
)

const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 1e-7, 1e21, 5e-324, 1.7976931348623157e308, 2 ** 53, 2 ** 64, 1.5, 10, 100),
)

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    anyText,
    anyNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(anyText, tie('json'), { maxKeys: 3, noNullPrototype: true }),
  ),
}))

/** Any JSON value. */
export const anyJson = json

const metadata = fc.dictionary(anyText, json, { maxKeys: 4, noNullPrototype: true })

const { step } = fc.letrec<{ step: TraceStep }>((tie) => ({
  step: fc
    .tuple(
      fc.record(
        {
          type: fc.oneof(fc.constantFrom(...stepTypes), anyText),
          timestamp: anyNumber,
          duration_ms: anyNumber,
          tool_name: anyText,
          tool_args: json,
          tool_result: json,
          model: anyText,
          prompt_tokens: anyNumber,
          completion_tokens: anyNumber,
          cost_usd: anyNumber,
          reasoning: anyText,
          error: anyText,
          summary: anyText,
          node_name: anyText,
          step_number: anyNumber,
          children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('step'), { maxLength: 2 })),
        },
        { requiredKeys: ['type'], noNullPrototype: true },
      ),
      fc.dictionary(fc.constantFrom('x', 'of_tomorrow', 'ü', ''), json, { maxKeys: 2, noNullPrototype: true }),
    )
    .map(([known, others]) => ({ ...others, ...known }) as TraceStep),
}))

/** Any trace that can be saved, under an id that other traces do not have. */
export const anyTrace: fc.Arbitrary<AgentTrace> = fc
  .tuple(
    fc.record(
      {
        start_time: fc.oneof(anyNumber, fc.double({ min: 1e9, max: 2e9, noNaN: true })),
        parent_run_id: anyText,
        metadata,
        steps: fc.array(step, { maxLength: 4 }),
        total_duration_ms: anyNumber,
        extra: json,
      },
      { requiredKeys: ['start_time', 'steps'], noNullPrototype: true },
    ),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.uuid(),
  )
  .map(([rest, text, id]) => ({ run_id: `${id} ${text}`, ...rest }) as AgentTrace)

/** Metadata with few keys, so that filters find some of it. */
export const fewKeysMetadata = fc.dictionary(
  fc.constantFrom('a', 'b.c', 'ü"\\', '__proto__', '', '\u0000'),
  fc.oneof(fc.constantFrom<unknown>(null, 1, 1.5, -0, '1', '', 'x', true, false, [], {}, [1, null], { a: 1 }), json),
  { maxKeys: 4, noNullPrototype: true },
)
