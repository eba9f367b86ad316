import { asc, eq } from 'drizzle-orm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Store } from '../../../src/index.ts'
import { runs } from '../../runs.ts'
import { createMigrated } from '../../servers/migrated.ts'
import { suiteStore } from '../../suite-store.ts'
import { spans as anySpans, traces as anyTraces } from '../../writers/trace-arbitraries.ts'
import { modelTrace } from '../../writers/trace-model.ts'

const store = suiteStore(createMigrated.clickhouse)

const contents = fc.record({
  spans: fc.uniqueArray(anySpans, { selector: ({ traceId, spanId }) => `${traceId}/${spanId}`, maxLength: 12 }),
  traces: fc.uniqueArray(anyTraces, { selector: ({ traceId }) => traceId, maxLength: 3 }),
  parts: fc.integer({ min: 1, max: 4 }),
})

const numRuns = runs(4, 40)

it(
  'trace rows are those that all the spans call for, however they come, twice and at once',
  async () => {
    let runs = 0
    const property = fc.asyncProperty(contents, async ({ spans, traces, parts }) => {
      runs += 1
      const projectId = `run-${runs}`
      const stores = Array.from({ length: parts }, () => new Store(store().pool, { projectId }))
      // The last first, and every part a second time.
      for (let round = 0; round < 2; round += 1) {
        await Promise.all(
          stores.toReversed().map(async ({ writers }, part) => {
            await writers.spans.write(spans.filter((_, i) => i % parts === part))
            await writers.traces.write(traces.filter((_, i) => i % parts === part))
          }),
        )
      }
      const table = store().tables.traces
      const rows = await store()
        .db.select()
        .from(table)
        .where(eq(table.projectId, projectId))
        .orderBy(asc(table.traceId))
      const ids = [...new Set([...spans, ...traces].map(({ traceId }) => traceId))]
      const model = ids.map((id) =>
        modelTrace(
          projectId,
          spans.filter(({ traceId }) => traceId === id),
          traces.find(({ traceId }) => traceId === id),
        ),
      )
      expect(
        rows.map(({ createdAt, updatedAt, writtenAt, commitSeq, derived, authoredStamps, ...row }) => row),
      ).toEqual(model.toSorted((a, b) => Buffer.compare(Buffer.from(a.traceId), Buffer.from(b.traceId))))
    })
    await fc.assert(property, { numRuns })
  },
  runs(120_000, 900_000),
)
