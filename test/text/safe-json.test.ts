import { expect, it } from 'vitest'
import { safeJson, safeText } from '../../src/text/safe-json.ts'

it('counts the texts that it changes, for its caller alone', () => {
  const counts = { replacedTexts: 0 }
  expect(safeText('a\0b', counts)).toBe('a\ufffdb')
  expect(safeJson({ 'k\0': ['\ud800', 'fine'] }, counts)).toBe('{"k\ufffd":["\ufffd","fine"]}')
  expect(counts).toEqual({ replacedTexts: 3 })
  expect(safeText('\0')).toBe('\ufffd')
  expect(safeText('fine', counts)).toBe('fine')
  expect(counts).toEqual({ replacedTexts: 3 })
})
