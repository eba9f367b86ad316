import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareUtf8 } from '../../src/text/compare-utf8.ts'
import { runs } from '../runs.ts'

describe('the order of texts', () => {
  const sign = (a: string, b: string) => Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))

  it('is that of their bytes in UTF-8, surrogates among them', () => {
    const units = fc.constantFrom('a', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '🙂')
    const texts = fc.oneof(fc.string({ unit: units, maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 6 }))
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(sign(a, b))
      }),
      { numRuns: runs(200, 2000) },
    )
  })
})
