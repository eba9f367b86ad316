import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { renderWaterfall } from '../../src/cli/waterfall.ts'
import type { SpanWithEvents } from '../../src/repositories/trace-rows.ts'

const plain = { width: 61, colors: pc.createColors(false) }

/** A span between two milliseconds; `to` is null while it runs. */
function span(spanId: string, parentSpanId: string | null, from: number, to: number | null, more = {}): SpanWithEvents {
  const at = (ms: number) => `2026-11-20T10:00:00.${String(ms).padStart(3, '0')}000Z`
  return {
    spanId,
    parentSpanId,
    name: spanId,
    kind: 'other',
    status: 'ok',
    statusMessage: null,
    errorType: null,
    startTime: at(from),
    endTime: to === null ? null : at(to),
    durationMs: to === null ? null : to - from,
    inputTokens: null,
    outputTokens: null,
    totalTokens: null,
    costUsd: null,
    events: [],
    ...more,
  } as unknown as SpanWithEvents
}

const draw = (...spans: SpanWithEvents[]) => renderWaterfall(spans, plain)

describe('renderWaterfall', () => {
  it('draws a span a line: its place in the tree and in time, and what it used', () => {
    const lines = draw(
      span('agent', null, 0, 800),
      span('chat', 'agent', 0, 200, { inputTokens: 1200, outputTokens: 34, totalTokens: 1234, costUsd: 0.0123 }),
      span('search', 'agent', 200, 600),
      span('query', 'search', 300, 500),
      span('answer', 'agent', 600, 800, { inputTokens: 1300, outputTokens: 5, totalTokens: 1305 }),
    )
    expect(lines).toEqual([
      'span          0         800 ms  duration      tokens     cost',
      'agent         ━━━━━━━━━━━━━━━━    800 ms',
      '├ chat        ━━━━                200 ms  1,200 → 34  $0.0123',
      '├ search          ━━━━━━━━        400 ms',
      '│ └ query           ━━━━          200 ms',
      '└ answer                  ━━━━    200 ms   1,300 → 5',
    ])
  })

  it('marks errors and says below them what went wrong', () => {
    const exception = { name: 'exception', attributes: { 'exception.message': 'no\nseats' } }
    const lines = draw(
      span('agent', null, 0, 100, { status: 'error', statusMessage: 'gave up' }),
      span('book', 'agent', 0, 50, { status: 'error', errorType: 'SoldOut', events: [exception] }),
      span('pay', 'agent', 50, 100, { status: 'cancelled' }),
    )
    expect(lines.map((line) => line.replace(/ [╺━╸].*/, '').trimEnd())).toEqual([
      expect.stringMatching(/^span +0 +100 ms {2}duration$/),
      '✗ agent',
      '  gave up',
      '├ ✗ book',
      '    SoldOut: no seats',
      '└ pay',
      '    cancelled',
    ])
  })

  it('dashes what has not ended, and shows a moment as half a column', () => {
    const lines = draw(span('done', null, 0, 100), span('moment', null, 50, 50), span('open', null, 50, null))
    expect(lines.slice(1)).toEqual([
      'done          ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━    100 ms',
      'moment                          ╺                        0 ms',
      'open                            ┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅',
    ])
  })

  it('shows every span once where a parent is missing or parents go in a circle', () => {
    const lines = draw(
      span('root', null, 0, 9),
      span('lost', 'nobody', 1, 2),
      span('self', 'self', 2, 3),
      span('hen', 'egg', 3, 4),
      span('egg', 'hen', 4, 5),
    )
    expect(lines.slice(1).map((line) => line.replace(/ *[╺━╸].*/, ''))).toEqual([
      'root',
      'lost',
      '  (parent missing: nobody)',
      'self',
      '  (parents in a circle: self)',
      'hen',
      '  (parents in a circle: egg)',
      '└ egg',
    ])
  })

  it('keeps every line within the width, whatever the names are', () => {
    const name = 'überlange 名前 of a span, with \u001b[31mcolours\u001b[0m and a\nline feed '.repeat(3)
    for (const width of [60, 80, 200]) {
      const lines = renderWaterfall([span('a', null, 0, 10, { name, status: 'error', statusMessage: name })], {
        ...plain,
        width,
      })
      expect(lines).toHaveLength(3)
      for (const line of lines) {
        // Each of the two Chinese characters takes two columns.
        expect(line.length).toBeLessThanOrEqual(width)
        expect(line).not.toMatch(/\p{Cc}/u)
      }
    }
  })

  it('draws a chain of 20,000 spans', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => span(`s${i}`, i === 0 ? null : `s${i - 1}`, 0, 10))
    const lines = draw(...chain)
    expect(lines).toHaveLength(20_001)
    expect(lines.at(-1)).toMatch(/^… +└ s19999 /)
  })

  it('has nothing to draw of a trace without spans', () => {
    expect(draw()).toEqual([])
  })
})
