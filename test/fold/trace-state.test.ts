import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { spanKinds, statuses } from '../../schema/values.ts'
import type { SpanFacts } from '../../src/fold/span-facts.ts'
import { followingColumns } from '../../src/fold/trace-row.ts'
import { foldSpans, parentsToLookUp, type TraceState, wholeState } from '../../src/fold/trace-state.ts'
import { noSums } from '../../src/fold/usage.ts'

const text = fc.option(fc.constantFrom('a', 'b', 'é', '\uff5e', '\u{1f600}'), { nil: null })
const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '\uff5e', '\u{1f600}')
const facts: fc.Arbitrary<SpanFacts> = fc.record({
  spanId: ids,
  parentId: fc.option(fc.oneof({ weight: 9, arbitrary: ids }, fc.constant('nowhere')), { nil: null }),
  kind: fc.constantFrom(...spanKinds),
  status: fc.constantFrom(...statuses),
  statusMessage: text,
  name: fc.constantFrom('n', 'm'),
  start: fc.integer({ min: 0, max: 5 }),
  end: fc.option(fc.integer({ min: 5, max: 9 }), { nil: null }),
  micros: fc.constantFrom(0, 1, 5),
  writtenAt: fc.constant(0),
  groups: fc.array(text, { minLength: 8, maxLength: 8 }),
  own: fc.array(fc.option(fc.nat(9), { nil: null }), { minLength: 8, maxLength: 8 }),
})

/** Folds where it can, and begins anew where it cannot: what a sink does. */
function bringForward(state: TraceState | undefined, stored: Map<string, SpanFacts>, batch: readonly SpanFacts[]) {
  const change = {
    added: batch.filter(({ spanId }) => !stored.has(spanId)),
    replaced: batch.flatMap((now) => {
      const before = stored.get(now.spanId)
      return before ? [{ now, before }] : []
    }),
    firstSeen: Math.min(...batch.map(({ writtenAt }) => writtenAt)),
    growth: noSums,
  }
  const known = new Set(parentsToLookUp(state, change).filter((spanId) => stored.has(spanId)))
  const folded = foldSpans(state, change, (spanId) => known.has(spanId))
  for (const span of batch) stored.set(span.spanId, span)
  const firstSeen = Math.min(state?.firstSeen ?? change.firstSeen, change.firstSeen)
  return { folded, state: folded ?? wholeState([...stored.values()], noSums, false, firstSeen) }
}

describe('the state of a trace', () => {
  test('brought forward by batches in any order equals that of all spans together', () => {
    let folds = 0
    fc.assert(
      fc.property(fc.array(fc.array(facts, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), (batches) => {
        let state: TraceState | undefined
        const stored = new Map<string, SpanFacts>()
        batches.forEach((batch, stamp) => {
          const distinct = new Map(batch.map((span) => [span.spanId, { ...span, writtenAt: stamp }]))
          const next = bringForward(state, stored, [...distinct.values()])
          state = next.state
          folds += next.folded ? 1 : 0
          const whole = wholeState([...stored.values()].reverse(), noSums, false, 0)
          expect({ ...state, isWhole: null }).toEqual({ ...whole, isWhole: null })
          expect(followingColumns(state, undefined)).toEqual(followingColumns(whole, undefined))
        })
      }),
      { numRuns: 1000 },
    )
    expect(folds).toBeGreaterThan(1000)
  })

  test('spans that are first running and then complete are folded and never read again', () => {
    const running: SpanFacts = {
      spanId: 'root',
      parentId: null,
      kind: 'agent',
      status: 'running',
      statusMessage: null,
      name: 'run',
      start: 1,
      end: null,
      micros: 0,
      writtenAt: 1,
      groups: Array(8).fill('g'),
      own: Array(8).fill(null),
    }
    const child = { ...running, spanId: 'child', parentId: 'root', start: 2, writtenAt: 2 }
    const stored = new Map<string, SpanFacts>()
    let state: TraceState | undefined
    const steps = [
      running,
      child,
      { ...child, status: 'ok', end: 5, micros: 3, writtenAt: 3 },
      { ...running, status: 'ok', end: 9, micros: 8, writtenAt: 4 },
    ] as const
    for (const span of steps) {
      const next = bringForward(state, stored, [span])
      expect(next.folded).toBeDefined()
      state = next.state
    }
    expect(followingColumns(state, undefined)).toMatchObject({
      status: 'ok',
      startTime: 1,
      endTime: 9,
      spanCount: 2,
      stepsDurationMs: 0.003,
    })
  })
})
