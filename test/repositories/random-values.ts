import fc from 'fast-check'
import { spanKinds, statuses } from '../../schema/values.ts'

/** Random values, and random conditions on them: few names and values, so that much of it meets. */

export const start = Date.UTC(2026, 10, 1)
export const day = 86_400_000

export const names = ['chat', 'Search Flights', 'search', 'é', 'Z', '😀', 'a%b_c', "it's"]
export const name = fc.constantFrom(...names)
export const id = fc.constantFrom('s1', 's2', 'S3')
export const kind = fc.constantFrom(...spanKinds.slice(0, 5))
export const status = fc.constantFrom(...statuses.slice(0, 4))
export const tag = fc.constantFrom('a', 'b', 'c"d', 'é')
export const millis = fc.integer({ min: 0, max: 20 * day })
export const instant = millis.map((after) => new Date(start + after))
export const time = fc
  .tuple(millis, fc.integer({ min: 0, max: 3 }))
  .map(([after, rest]) =>
    new Date(start + Math.floor(after / 3_600_000) * 3_600_000).toISOString().replace('Z', `00${rest}Z`),
  )
export const key = fc.constantFrom(
  'a',
  'b',
  'a.b',
  'x"y',
  '',
  '0',
  "o'clock",
  '\\',
  '[0]',
  '$',
  '\n',
  'é',
  '__proto__',
  '*',
)
export const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    1,
    10.5,
    -3,
    1e21,
    1e20,
    -1e19,
    0.1,
    '',
    '1',
    '10.5',
    'a',
    'Z',
    'é',
    '😀',
    '\uffff',
    'null',
    'x"y',
  ),
  fc.constantFrom('true', 9007199254740991, 1e-7, 'A'),
)
export const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 3 }).map(objectOf),
  ),
}))
export const object = fc.array(fc.tuple(key, json), { maxLength: 4 }).map(objectOf)

// JSON.parse makes `__proto__` a member of its own, as documents from outside have it.
export function objectOf(entries: readonly (readonly [string, unknown])[]): never {
  return JSON.parse(
    `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  ) as never
}

export const optional = { requiredKeys: [] as [] }
export const cost = fc.constantFrom(0, 0.1, 0.2, 0.3, 1.000000001, 12.5)
export const tokens = fc.integer({ min: 0, max: 5 })
export const duration = fc.constantFrom(0, 0.001, 1.5, 40, 1000)

export const someOf = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.array(value, { maxLength: 3 }))
export const rangeOf = <T>(value: fc.Arbitrary<T>) =>
  fc.record({ gt: value, gte: value, lt: value, lte: value }, optional)
export const text = (value: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 3, arbitrary: someOf(fc.option(value, { freq: 5 })) },
    { weight: 1, arbitrary: fc.constantFrom('a', 'CH', 'é', '%', "'", '_').map((contains) => ({ contains })) },
  )
export const number = (value: fc.Arbitrary<number>) =>
  fc.oneof(fc.option(value, { freq: 4 }), rangeOf(fc.oneof(value, fc.double({ min: -1, max: 2000, noNaN: true }))))
export const contains = fc.constantFrom('a', '1', 'É', 'X"', '😀').map((each) => ({ contains: each }))
export const bound = fc.constantFrom<string | number>(0, 1, 10.5, -3, 0.1, 'a', '1', 'Z', 'é', '😀', '')

export const path = fc.oneof(
  { weight: 3, arbitrary: key },
  fc.array(
    fc.oneof({ weight: 3, arbitrary: key as fc.Arbitrary<string | number> }, { weight: 1, arbitrary: fc.nat(2) }),
    { minLength: 1, maxLength: 3 },
  ),
)
export const operand = fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 1, arbitrary: json })
export const operators = {
  exists: fc.boolean(),
  eq: operand,
  ne: operand,
  in: fc.array(operand, { maxLength: 4 }),
  gt: bound,
  gte: bound,
  lt: bound,
  lte: bound,
}
export const predicate = fc.tuple(path, few<object>(operators)).map(([path, given]) => {
  return { path, exists: Object.keys(given).length === 0 ? true : undefined, ...given }
})
export const predicates = fc.oneof(predicate, fc.array(predicate, { maxLength: 2 }))

/** One or two conditions of many. */
export function few<T>(conditions: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<T> {
  const one = fc
    .constantFrom(...Object.keys(conditions))
    .chain((name) => (conditions[name] as fc.Arbitrary<unknown>).map((value) => [name, value] as const))
  return fc.array(one, { minLength: 1, maxLength: 2 }).map((entries) => Object.fromEntries(entries) as T)
}
