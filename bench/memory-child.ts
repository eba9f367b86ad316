import { openStore } from '../src/index.ts'
import type { MemoryReport } from './memory.ts'
import { benchSpans } from './spans.ts'

/** The process of the memory bench: it does nothing but write, so that its memory is the writer's. */
async function* spansFrom(count: number) {
  yield* benchSpans(count)
}

const store = await openStore(process.env.BENCH_URL, { migrate: true })
const firstRss = process.memoryUsage.rss()
const startedMs = performance.now()
const { stored } = await store.writers.spans.bulk(spansFrom(Number(process.argv[2])))
const seconds = (performance.now() - startedMs) / 1000
// In kilobytes: the kernel keeps the highest value, so nothing is missed between two looks.
const peakRss = process.resourceUsage().maxRSS * 1024
await store.close()
process.send?.({ seconds, stored, peakRss, firstRss } satisfies MemoryReport)
