import { describe, expect, it } from 'vitest'
import { type AnyRecord, sample } from '../../../src/index.ts'

const ids = Array.from({ length: 4000 }, (_, i) => `0af7651916cd43dd8448eb21${i.toString(16).padStart(8, '0')}`)
const span = (traceId: string, members: object = {}) =>
  ({ traceId, spanId: 's', name: 'x', startTime: '2026-06-01T00:00:00Z', ...members }) as const

describe('sample', () => {
  it('keeps the share of the traces, the same ones in every process and for everything of a trace', () => {
    const [here, there] = [sample({ ratio: 0.25 }), sample({ ratio: 0.25 })]
    const kept = ids.filter((id) => here(span(id), 'spans') !== undefined)
    expect(kept.length / ids.length).toBeGreaterThan(0.22)
    expect(kept.length / ids.length).toBeLessThan(0.28)
    const set = new Set(kept)
    for (const id of ids) {
      const wanted = set.has(id)
      expect(there(span(id), 'spans') !== undefined).toBe(wanted)
      expect(there({ traceId: id }, 'traces') !== undefined).toBe(wanted)
      expect(there({ traceId: id, body: 'x' }, 'logs') !== undefined).toBe(wanted)
      expect(there({ traceId: id, name: 'r' }, 'results') !== undefined).toBe(wanted)
    }
    // A larger share has all traces of a smaller one.
    const half = sample({ ratio: 0.5 })
    expect(kept.every((id) => half(span(id), 'spans') !== undefined)).toBe(true)
  })

  it('keeps what belongs to no trace, and metrics', () => {
    const none = sample({ ratio: 0 })
    expect(none({ body: 'x' }, 'logs')).toBeDefined()
    expect(none({ name: 'r' }, 'results')).toBeDefined()
    expect(none({ metricName: 'm', value: 1 }, 'metricPoints')).toBeDefined()
    expect(none(span('t'), 'spans')).toBeUndefined()
  })

  it('keeps errors, and what comes of their traces later; what came before is gone', () => {
    const keeps = sample({ ratio: 0, keepErrors: true })
    const answers: (AnyRecord | undefined)[] = [
      keeps(span('t', { spanId: 'early' }), 'spans'),
      keeps(span('t', { spanId: 'tool', status: 'error' }), 'spans'),
      keeps(span('t', { spanId: 'root' }), 'spans'),
      keeps({ traceId: 't', severity: 9 }, 'logs'),
      keeps({ traceId: 'u', severity: 9 }, 'logs'),
      keeps({ traceId: 'u', severity: 17 }, 'logs'),
    ]
    expect(answers.map((answer) => answer !== undefined)).toEqual([false, true, true, true, false, true])
  })

  it('refuses a ratio that is none', () => {
    expect(() => sample({ ratio: 10 })).toThrow('from 0 to 1')
  })
})
