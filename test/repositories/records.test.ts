import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BatchError } from '../../src/errors.ts'
import { readOtlp } from '../../src/formats/otlp/read.ts'
import { writeOtlp } from '../../src/formats/otlp/write.ts'
import { maxCostUsd, maxTokens } from '../../src/rows/limits.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'
import { canonicalOtlp } from '../formats/canonical-otlp.ts'
import { otlpDocuments } from '../formats/otlp-documents.ts'
import { runs, runsOn } from '../runs.ts'

describeBackends('the records of traces', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it(
    'any OTLP document comes back canonically equal from the database',
    async () => {
      let project = 0
      await fc.assert(
        fc.asyncProperty(otlpDocuments, fc.integer({ min: 1, max: 4 }), async (document, batchSpans) => {
          const { spans, events } = readOtlp(document)
          fc.pre(new Set(spans.map((span) => `${span.traceId} ${span.spanId}`)).size === spans.length)
          project += 1
          const here = store.forProject(`p${project}`)
          await here.writers.spans.write(spans)
          await here.writers.events.write(events)
          const written = { resourceSpans: [] as object[] }
          for await (const part of here.traces.records({ batchSpans })) {
            expect(part.spans.length).toBeLessThanOrEqual(batchSpans)
            written.resourceSpans.push(...writeOtlp(part.spans, part.events).resourceSpans)
          }
          expect(canonicalOtlp(written)).toEqual(canonicalOtlp(document))
        }),
        { numRuns: runsOn(backend, 60, 150), seed: 11 },
      )
    },
    runs(60_000, 600_000),
  )

  it('numbers that no column holds stay in the attributes, up to the very bounds of the columns', async () => {
    const here = store.forProject('bounds')
    const span = { traceId: 't', spanId: 's', name: 'n', startTime: '2026-11-20T10:00:00Z' }
    await here.writers.spans.write({ ...span, inputTokens: maxTokens, costUsd: maxCostUsd })
    for (const column of [{ inputTokens: maxTokens + 1 }, { costUsd: maxCostUsd + 1 }]) {
      await expect(here.writers.spans.write({ ...span, ...column })).rejects.toThrow(BatchError)
    }
    const attributes = [
      { key: 'gen_ai.usage.input_tokens', value: { intValue: String(maxTokens + 1) } },
      { key: 'llm.cost.total', value: { doubleValue: 1e300 } },
      { key: 'gen_ai.response.time_to_first_chunk', value: { doubleValue: 1e306 } },
    ]
    const sent = { traceId: 'aa', spanId: 'bb', name: 'n', startTimeUnixNano: '1763000000000000000', attributes }
    const document = { resourceSpans: [{ scopeSpans: [{ spans: [sent] }] }] }
    await here.writers.spans.write(readOtlp(document).spans)
    expect(await here.spans.get('aa', 'bb')).toMatchObject({
      inputTokens: null,
      costUsd: null,
      timeToFirstChunkMs: null,
    })
    for await (const { spans, events } of here.traces.records({ traceId: 'aa' })) {
      expect(canonicalOtlp(writeOtlp(spans, events))).toEqual(canonicalOtlp(document))
    }
  })

  it('says no total that input and output say', async () => {
    const here = store.forProject('totals')
    const attributes = ['input', 'output'].map((name) => ({
      key: `gen_ai.usage.${name}_tokens`,
      value: { intValue: String(maxTokens) },
    }))
    const sent = { traceId: 'aa', spanId: 'bb', name: 'n', startTimeUnixNano: '1763000000000000000', attributes }
    const document = { resourceSpans: [{ scopeSpans: [{ spans: [sent] }] }] }
    await here.writers.spans.write(readOtlp(document).spans)
    for await (const { spans, events } of here.traces.records()) {
      expect(canonicalOtlp(writeOtlp(spans, events))).toEqual(canonicalOtlp(document))
    }
  })

  it('holds a part of the events at once, and of few spans all of theirs', async () => {
    const here = store.forProject('events')
    const startTime = '2026-11-20T10:00:00Z'
    // Reading 4 spans at once means 40 events at once.
    const counts = [0, 3, 20, 16, 2, 90, 0, 0, 40, 41, 0, 1]
    await here.writers.spans.write(counts.map((_, i) => ({ traceId: 't', spanId: `s${i + 10}`, name: 'n', startTime })))
    await here.writers.events.write(
      counts.flatMap((count, i) =>
        Array.from({ length: count }, (_, ordinal) => ({
          traceId: 't',
          spanId: `s${i + 10}`,
          ordinal,
          name: 'e',
          time: startTime,
        })),
      ),
    )
    const seen = new Map<string, number>()
    for await (const { spans, events } of here.traces.records({ batchSpans: 4 })) {
      if (spans.length > 1) expect(events.length).toBeLessThan(40)
      for (const { spanId } of spans) {
        expect(seen.has(spanId)).toBe(false)
        seen.set(spanId, events.filter((event) => event.spanId === spanId).length)
      }
    }
    expect([...seen.values()]).toEqual(counts)
  })

  it('reads no more traces at once than spans, though they have none', async () => {
    const here = store.forProject('empty')
    const traces = Array.from({ length: 50 }, (_, i) => ({
      traceId: `t${i}`,
      startTime: new Date(Date.UTC(2026, 10, 20) + i * 1000),
    }))
    await here.writers.traces.write(traces)
    for (const trace of [traces[0], traces[49]]) {
      if (trace) await here.writers.spans.write({ ...trace, spanId: 's', name: 'n' })
    }
    const parts: string[][] = []
    for await (const { spans } of here.traces.records({ batchSpans: 10 })) parts.push(spans.map((span) => span.traceId))
    expect(parts).toEqual([['t49'], ['t0']])
  })

  it('keeps small traces together and whole, and obeys filters', async () => {
    const here = store.forProject('batches')
    await here.writers.spans.write(
      Array.from({ length: 60 }, (_, i) => ({
        traceId: `t${Math.floor(i / 6)}`,
        spanId: `s${i}`,
        name: 'n',
        startTime: '2026-11-20T10:00:00Z',
        ...(i < 30 && { agentName: 'a' }),
      })),
    )
    const sizes: number[] = []
    for await (const { spans } of here.traces.records({ agentName: 'a', batchSpans: 20 })) {
      expect(new Set(spans.map((span) => span.traceId)).size).toBe(spans.length / 6)
      sizes.push(spans.length)
    }
    expect(sizes).toEqual([18, 12])
  })
})
