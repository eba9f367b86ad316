import { join } from 'node:path'
import { asc, eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type NewSpan, type NewTrace, openStore, Store, type WriterOptions } from '../../src/index.ts'
import { runs } from '../runs.ts'
import { createDatabase, type TestDatabase } from '../servers/databases.ts'
import { spans as anySpans, traces as anyTraces } from './trace-arbitraries.ts'
import { modelTrace } from './trace-model.ts'

/** What there is to store: every key once, in the one version that it has. */
interface Content {
  spans: NewSpan[]
  traces: NewTrace[]
}

const contents: fc.Arbitrary<Content> = fc.record({
  spans: fc.uniqueArray(anySpans, { selector: ({ traceId, spanId }) => `${traceId}/${spanId}`, maxLength: 14 }),
  traces: fc.uniqueArray(anyTraces, { selector: ({ traceId }) => traceId, maxLength: 3 }),
})

/** A way to bring it: every record one to three times, in any order, in batches of any size, some at once. */
interface Plan {
  seed: number
  method: NonNullable<WriterOptions['method']>
}

const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  method: fc.constantFrom('auto', 'copy', 'insert'),
})

/** A small generator of pseudo-random numbers, so that a plan is one number. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >> 8) % below
  }
}

async function carryOut({ seed }: Plan, { spans, traces }: Content, store: Store): Promise<void> {
  const next = random(seed)
  const records = [
    ...spans.map((span) => () => store.writers.spans.write(span)),
    ...traces.map((trace) => () => store.writers.traces.write(trace)),
  ].flatMap((write) => Array.from({ length: 1 + next(3) }, () => write))
  for (let i = records.length - 1; i > 0; i -= 1) {
    const j = next(i + 1)
    ;[records[i], records[j]] = [records[j] as () => never, records[i] as () => never]
  }
  while (records.length > 0) {
    // What is written in one turn goes into one batch of each writer.
    const together = records.splice(0, 1 + next(6)).map((write) => write())
    if (next(3) > 0) await Promise.all(together)
    else void Promise.all(together)
  }
  await store.flush()
}

const numRuns = runs(30, 100)

describe('any order and any repetition of batches', () => {
  let database: TestDatabase
  let stores: Store[]

  beforeAll(async () => {
    database = await createDatabase()
    const urls = [`sqlite:${join(inject('servers').directory, 'any-order.db')}`, database.url]
    stores = await Promise.all(urls.map((url) => openStore(url, { migrate: true })))
  })
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await database.drop()
  })

  let runs = 0

  it('gives the rows that all the spans together call for, the same on both engines', async () => {
    const property = fc.asyncProperty(contents, plans, plans, async (content, one, other) => {
      runs += 1
      const projectId = `run-${runs}`
      const [onSqlite, onPostgres] = await Promise.all(
        [one, other].map(async (plan, index) => {
          const { pool } = stores[index] as Store
          const store = new Store(pool, { projectId, writers: { method: plan.method } })
          await carryOut(plan, content, store)
          return { traces: await visibleTraces(store), spans: await visibleSpans(store) }
        }),
      )
      expect(onSqlite?.traces).toEqual(model(projectId, content))
      expect(onPostgres?.traces).toEqual(onSqlite?.traces)
      expect(onPostgres?.spans).toEqual(onSqlite?.spans)
      expect(onPostgres?.spans).toHaveLength(content.spans.length)
    })
    await fc.assert(property, { numRuns })
  })
})

const byTraceId = (a: { traceId: string }, b: { traceId: string }) =>
  Buffer.compare(Buffer.from(a.traceId), Buffer.from(b.traceId))

function model(projectId: string, { spans, traces }: Content) {
  const ids = new Set([...spans, ...traces].map(({ traceId }) => traceId))
  return [...ids]
    .map((traceId) =>
      modelTrace(
        projectId,
        spans.filter((span) => span.traceId === traceId),
        traces.find((trace) => trace.traceId === traceId),
      ),
    )
    .sort(byTraceId)
}

async function visibleTraces({ db, tables: { traces }, projectId }: Store) {
  const rows = await db.select().from(traces).where(eq(traces.projectId, projectId)).orderBy(asc(traces.traceId))
  return rows.map(({ createdAt, updatedAt, writtenAt, commitSeq, derived, authoredStamps, ...row }) => row)
}

async function visibleSpans({ db, tables: { spans }, projectId }: Store) {
  const rows = await db
    .select()
    .from(spans)
    .where(eq(spans.projectId, projectId))
    .orderBy(asc(spans.traceId), asc(spans.spanId))
  return rows.map(({ writtenAt, commitSeq, ...row }) => row)
}
