import assert from 'node:assert/strict'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { microsFromIso } from '../../schema/time.ts'
import type { TraceStoreFilter } from '../../src/index.ts'
import { checkedFilter, fits } from '../../src/trace-store/filter.ts'
import { anyJson, anyTrace, fewKeysMetadata } from './any-trace.ts'
import { type EveryStore, openEveryStore } from './every-store.ts'

/** The properties of all trace stores, on so many random documents. */
export function describeTraceStoreProperties(documents: number, filters: number, timeoutMs: number): void {
  describe('every trace store', () => {
    let every: EveryStore

    beforeAll(async () => {
      every = await openEveryStore()
    })
    afterAll(() => every.close())

    it.each(['memory', 'jsonl', 'sqlite', 'postgres'] as const)(
      `gives ${documents} random documents back equal [%s]`,
      async (name) => {
        const store = every.stores[name]
        await fc.assert(
          fc.asyncProperty(anyTrace, async (trace) => {
            await store.save(trace)
            assert.deepStrictEqual(await store.load(trace.run_id), trace)
          }),
          { numRuns: documents },
        )
      },
      timeoutMs,
    )

    it(
      'finds the same by any filter as a plain filter in memory',
      async () => {
        const fresh = await openEveryStore()
        try {
          const given = fc.sample(fewKeysMetadata, { numRuns: 60, seed: 7 })
          const traces = given.map((metadata, i) => ({
            run_id: `r${i}`,
            start_time: 1_763_000_000 + i,
            steps: Array.from({ length: i % 5 }, () => ({ type: 'llm_call', duration_ms: i / 3 })),
            ...(i % 9 > 0 && { metadata }),
          }))
          const anyFilter = fc.record(
            {
              metadata_match: fc.oneof(
                fc
                  .constantFrom(...given)
                  .chain((metadata) => fc.subarray(Object.entries(metadata)).map(Object.fromEntries)),
                fewKeysMetadata,
                fc.record({ a: anyJson }, { noNullPrototype: true }),
              ),
              min_steps: fc.oneof(fc.integer({ min: -1, max: 6 }), fc.constantFrom(1.5, 1e300)),
              max_steps: fc.integer({ min: -1, max: 6 }),
            },
            { requiredKeys: [], noNullPrototype: true },
          )
          for (const [name, store] of Object.entries(fresh.stores)) {
            for (const trace of traces) await store.save(trace)
            const all = await store.list(1000)
            const times = all.map(({ created_at }) => created_at)
            const property = fc.asyncProperty(
              anyFilter,
              fc.option(fc.constantFrom(...times), { nil: undefined }),
              fc.option(fc.constantFrom(...times), { nil: undefined }),
              async (rest, since, until) => {
                const filter = { ...rest, since, until } as TraceStoreFilter
                const checked = checkedFilter(filter)
                const wanted = all.filter((each) =>
                  fits(checked, { ...each, savedMicros: microsFromIso(each.created_at) }),
                )
                assert.deepStrictEqual(await store.query(filter), wanted, name)
              },
            )
            await fc.assert(property, { numRuns: filters })
            expect(all.map(({ steps, total_ms, metadata }) => ({ steps, total_ms, metadata }))).toEqual(
              (await fresh.stores.memory.list(1000)).map(({ steps, total_ms, metadata }) => ({
                steps,
                total_ms,
                metadata,
              })),
            )
          }
        } finally {
          await fresh.close()
        }
      },
      timeoutMs,
    )
  })
}
