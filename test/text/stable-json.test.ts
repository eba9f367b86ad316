import { expect, it } from 'vitest'
import { Micros } from '../../src/rows/micros.ts'
import { stableJson } from '../../src/text/stable-json.ts'

it('equal values have one text, whatever the order of their keys', () => {
  const text = '{"10":null,"9":[{"a":1,"b":"x"},null],"a":{}}'
  expect(stableJson({ a: { gone: undefined }, 9: [{ b: 'x', a: 1 }, undefined], 10: null })).toBe(text)
  expect(stableJson(JSON.parse(text))).toBe(text)
})

it('members may be left out, and instants count as their text', () => {
  expect(stableJson({ at: new Micros(0), no: null }, (member) => member !== null)).toBe(
    '{"at":"1970-01-01T00:00:00.000000Z"}',
  )
})
