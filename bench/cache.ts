import type { Store } from '../src/index.ts'
import type { Bench, BenchOptions } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { openBenchRedis } from './redis-server.ts'
import { comparison } from './report.ts'
import { benchSpans } from './spans.ts'

const spansPerTrace = 200
const traces = 20
/** Reads of one run: enough that a pause does not decide. */
const reads = 400
const hourMs = 3_600_000

const traceIdOf = (trace: number) => (trace + 1).toString(16).padStart(32, '0')

/** Reads every trace again and again, and answers with what came from where. */
function contender(id: string, about: string, store: Store, beforeEach = () => {}): Contender {
  return {
    id,
    about,
    rows: reads,
    async run() {
      for (let n = 0; n < reads; n += 1) {
        beforeEach()
        const trace = await store.traces.get(traceIdOf(n % traces))
        if (trace?.spans.length !== spansPerTrace) throw new Error('A trace has not all of its spans.')
      }
      return undefined
    },
  }
}

/** @throws unless nearly all of the reads were answered where they should be */
function checkHits(store: Store, from: 'hits' | 'sharedHits', runs: number): void {
  const stats = store.services.cache?.stats()
  const wanted = reads * runs
  if ((stats?.[from] ?? 0) < wanted * 0.9) throw new Error(`Only ${stats?.[from]} of ${wanted} reads were ${from}.`)
}

/** Cached reads of a trace of 200 spans against the database's. */
export const cacheBench: Bench = {
  name: 'cache',
  about: `reads of a trace of ${spansPerTrace} spans from the cache, against PostgreSQL`,
  async run(options: BenchOptions) {
    const redis = await openBenchRedis()
    const database = await openPostgresDatabase()
    try {
      await database.store.writers.spans.bulk(benchSpans(spansPerTrace * traces, { spansPerTrace }))
      await database.client.query('vacuum analyze')
      await database.checkpoint()
      const cache = { ttlMs: hourMs }
      const here = await database.openStore({ cache })
      const both = await database.openStore({ cache, redis: redis.url })
      const shared = await database.openStore({ cache, redis: redis.url })
      const measured = await interleave(
        [
          contender('postgres', 'uncached', database.store),
          contender('process', 'cached in the process', here),
          contender('both', 'cached in the process, checked with Redis', both),
          // What it has in the process is forgotten before each read.
          contender('redis', 'cached in Redis', shared, () => shared.services.cache?.clear()),
        ],
        options,
      )
      checkHits(here, 'hits', options.runs)
      checkHits(both, 'hits', options.runs)
      checkHits(shared, 'sharedHits', options.runs)
      return [comparison(`Reads of a trace of ${spansPerTrace} spans`, measured, ['postgres'])]
    } finally {
      await database.close()
      await redis.close()
    }
  },
}
