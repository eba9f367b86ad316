import { deepStrictEqual } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeColumnar, encodeColumnar } from '../../src/cache/columnar-json.ts'
import { freezeAndSize } from '../../src/cache/freeze-and-size.ts'
import { runs } from '../runs.ts'

const encoded = (answer: unknown) => encodeColumnar({ answer, bytes: 7 })
const decoded = (text: string) => decodeColumnar(text).answer

/** What a database answers with: JSON, of which -0 is no part. */
const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const cell = fc.oneof(json, fc.constantFrom<unknown>('same', null, 1, undefined))
const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'length', 'cells', 'same', '7'))

/** An object of these names, in this order. */
const objectOf = (names: readonly string[], values: readonly unknown[]) =>
  Object.fromEntries(names.map((each, i) => [each, values[i]]))

/** Rows with the same names, and other lists. */
const rows = fc.oneof(
  fc.array(json),
  fc.uniqueArray(name, { maxLength: 6 }).chain((names) =>
    fc.array(
      fc.tuple(...names.map(() => cell)).map((values) => objectOf(names, values)),
      { maxLength: 8 },
    ),
  ),
)
const answer = fc.oneof(
  json,
  rows,
  fc.dictionary(name, fc.oneof(rows, cell), { noNullPrototype: true }),
  // A trace: rows in which there are rows.
  rows.chain((events) => fc.array(fc.record({ id: fc.nat(), events: fc.subarray(events) }, { noNullPrototype: true }))),
)

/** All objects and arrays of a value. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}

describe('columnar JSON', () => {
  it('decodes to an equal answer, with its names in their order', () => {
    fc.assert(
      fc.property(answer, (given) => {
        const { answer, bytes } = decodeColumnar(encodeColumnar({ answer: given, bytes: freezeAndSize(given) }))
        // Not of vitest, which takes what is called `constructor` for one.
        deepStrictEqual(answer, given)
        expect(JSON.stringify(answer)).toBe(JSON.stringify(given))
        expect(bytes).toBe(freezeAndSize(answer))
      }),
      { numRuns: runs(100, 1_000) },
    )
  })

  it('has no part twice, so that a copy of it can be changed in one place', () => {
    fc.assert(
      fc.property(answer, (given) => {
        const found = objectsIn(decoded(encoded(given)))
        expect(new Set(found).size).toBe(found.length)
      }),
    )
  })

  it('is frozen to the bottom', () => {
    fc.assert(fc.property(answer, (given) => objectsIn(decoded(encoded(given))).every(Object.isFrozen)))
  })

  it('says only once what all rows have in common', () => {
    const spans = Array.from({ length: 100 }, (_, i) => ({
      spanId: `${i}`,
      model: null,
      resource: { attributes: { 'service.name': 'airline' } },
      events: [{ name: 'chunk', attributes: { index: i } }],
    }))
    const text = encoded({ traceId: 't', spans })
    for (const once of ['model', 'resource', 'service.name', 'airline', 'chunk']) {
      expect(text.split(`"${once}"`).length - 1, once).toBeLessThanOrEqual(2)
    }
    expect(decoded(text)).toStrictEqual({ traceId: 't', spans })
  })

  it('of very many rows, and a very deep one, are no trouble', () => {
    const many = { items: Array.from({ length: 200_000 }, (_, i) => ({ i, list: [i] })) }
    // Not `toEqual`, which takes seconds for it.
    expect(isDeepStrictEqual(decoded(encoded(many)), many)).toBe(true)
    const deep = JSON.parse(`{"input":${'[{"a":'.repeat(500)}1${'}]'.repeat(500)}}`) as unknown
    expect(JSON.stringify(decoded(encoded(deep)))).toBe(JSON.stringify(deep))
  })

  it.each([
    '',
    '{',
    '5',
    'null',
    '[]',
    '{}',
    '{"traceId":"t"}',
    '[{"count":1}]',
    '[7]',
    '[7,[]]',
    '[7,{"cells":[]}]',
    '[-9,{"cells":[1]}]',
  ])('refuses the text %j', (text) => {
    expect(() => decodeColumnar(text)).toThrow()
  })
})
