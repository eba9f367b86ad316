import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BatchError } from '../../src/errors.ts'
import { readOtlp } from '../../src/formats/otlp/read.ts'
import { writeOtlp } from '../../src/formats/otlp/write.ts'
import { openStore, type Store } from '../../src/store.ts'
import { describeBackends } from '../backends.ts'
import { canonicalOtlp } from '../formats/canonical-otlp.ts'
import { otlpDocuments } from '../formats/otlp-documents.ts'

function isRefused(error: unknown): false {
  if (error instanceof BatchError && error.rejected.every((row) => row.code === 'validation')) return false
  throw error
}

describeBackends('the records of traces', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('any OTLP document comes back canonically equal from the database', async () => {
    let project = 0
    await fc.assert(
      fc.asyncProperty(otlpDocuments, fc.integer({ min: 1, max: 4 }), async (document, batchSpans) => {
        const { spans, events } = readOtlp(document)
        fc.pre(new Set(spans.map((span) => `${span.traceId} ${span.spanId}`)).size === spans.length)
        project += 1
        const here = store.forProject(`p${project}`)
        // Numbers that no sum could hold are refused; nothing of such a document is looked at.
        fc.pre(await here.writers.spans.write(spans).then(() => true, isRefused))
        await here.writers.events.write(events)
        const written = { resourceSpans: [] as object[] }
        for await (const part of here.traces.records({ batchSpans })) {
          expect(part.spans.length).toBeLessThanOrEqual(batchSpans)
          written.resourceSpans.push(...writeOtlp(part.spans, part.events).resourceSpans)
        }
        expect(canonicalOtlp(written)).toEqual(canonicalOtlp(document))
      }),
      { numRuns: 150, seed: 11 },
    )
  }, 60_000)

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
