import { asc, eq, getTableColumns } from 'drizzle-orm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isoFromMicros } from '../../schema/time.ts'
import { spanKinds } from '../../schema/values.ts'
import { type NewSpan, Store } from '../../src/index.ts'
import { shareColumns } from '../../src/rows/accepted-row.ts'
import { describeBackends } from '../backends.ts'
import { runs } from '../runs.ts'
import { suiteStore } from '../suite-store.ts'
import { modelTrace } from './trace-model.ts'
import { modelShares } from './usage-model.ts'

const amount = fc.option(fc.constantFrom(0, 1, 5, 10, 25, 100), { nil: undefined })
const usage = fc.record({
  inputTokens: amount,
  outputTokens: amount,
  totalTokens: amount,
  cacheReadTokens: amount,
  cacheCreationTokens: amount,
  reasoningTokens: amount,
  costUsd: fc.option(fc.constantFrom(0, 0.1, 0.000_000_001, 3), { nil: undefined }),
})

/** A tree of spans: parents before children, a few of which are never stored. */
const trees = fc.integer({ min: 1, max: 30 }).chain((size) =>
  fc.array(
    fc.record({
      parent: fc.nat(),
      isChain: fc.boolean(),
      kind: fc.constantFrom(...spanKinds),
      usage: fc.option(usage, { nil: {} }),
      isStored: fc.integer({ min: 0, max: 11 }).map((n) => n > 0),
      isRepeated: fc.boolean(),
    }),
    { minLength: size, maxLength: size },
  ),
)
/** Some trees at once: one more costs few further statements. */
const forests = fc.array(trees, { minLength: 5, maxLength: 5 })
/** A batch has up to nine spans of each tree. */
const plans = fc.record({ order: fc.infiniteStream(fc.nat()).map((s) => s), cut: fc.integer({ min: 1, max: 45 }) })

type Tree = typeof trees extends fc.Arbitrary<infer T> ? T : never

function spansOf(tree: Tree, traceId: string): NewSpan[] {
  return tree.map(({ parent, isChain, kind, usage: used }, n) => ({
    traceId,
    spanId: `s${n}`,
    parentSpanId: n === 0 ? null : `s${isChain ? n - 1 : parent % n}`,
    name: 'step',
    kind,
    startTime: isoFromMicros(1_763_632_980_000_000 + n),
    endTime: isoFromMicros(1_763_632_980_001_000 + n),
    ...used,
  }))
}

describeBackends('usage of random trees', (backend) => {
  const store = suiteStore(() => Promise.resolve({ url: backend.url(), drop: async () => {} }))
  let count = 0

  it(
    'is counted once, however the spans come, from four writers at once, first running and then complete',
    async () => {
      const property = fc.asyncProperty(forests, plans, async (forest, { order, cut }) => {
        count += 1
        const projectId = `forest-${count}`
        const traces = forest
          .map((tree, n) => spansOf(tree, `t${n}`).filter((_, place) => tree[place]?.isStored))
          .filter((spans) => spans.length > 0)
        const spans = traces.flat()
        const writers = Array.from({ length: 4 }, () => new Store(store().pool, { projectId }).writers.spans)
        const repeated = forest.flatMap((tree) => tree.filter(({ isStored }) => isStored))
        const events = spans.flatMap((span, n) => (repeated[n]?.isRepeated ? [asRunning(span), span] : [span]))
        shuffle(events, order)
        // The complete one has the last word, as the live road has it.
        for (let at = 0; at < events.length; at += cut) {
          const batch = events.slice(at, at + cut)
          const parts = writers.map((writer, n) => writer.write(batch.filter((_, i) => i % writers.length === n)))
          await Promise.all(parts)
        }
        await writers[0]?.write(spans)
        const { pool } = store()
        expect((await new Store(pool, { projectId }).rebuildTraces({ check: true })).differences).toEqual([])
        expect(await visibleTraces(projectId)).toEqual(traces.map((each) => modelTrace(projectId, each)))
        expect(await storedShares(projectId)).toEqual(new Map(traces.flatMap((each) => [...expectedShares(each)])))
      })
      // Five trees each.
      await fc.assert(property, { numRuns: backend.name === 'clickhouse' ? runs(1, 20) : runs(20, 400) })
    },
    runs(120_000, 1_800_000),
  )

  async function visibleTraces(projectId: string) {
    const { traces } = store().tables
    const rows = await store()
      .db.select()
      .from(traces)
      .where(eq(traces.projectId, projectId))
      .orderBy(asc(traces.traceId))
    return rows.map(({ createdAt, updatedAt, writtenAt, commitSeq, derived, authoredStamps, ...row }) => row)
  }

  async function storedShares(projectId: string) {
    const { spans } = store().tables
    const columns = getTableColumns(spans)
    const rows = await store()
      .db.select()
      .from(spans)
      .where(eq(spans.projectId, projectId))
      .orderBy(asc(columns.traceId), asc(columns.spanId))
    return new Map(
      rows.map((row) => [
        `${row.traceId} ${row.spanId}`,
        shareColumns.map((share, n) => {
          const own = [...tokens.map((key) => row[key]), row.costUsd, row.kind === 'llm' ? 1 : null][n] ?? null
          return row[share] ?? own
        }),
      ]),
    )
  }
})

const tokens = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheCreationTokens',
  'reasoningTokens',
] as const

function expectedShares(spans: readonly NewSpan[]) {
  const shares = modelShares(spans)
  return new Map(
    [...shares]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([spanId, share]) => [
        `${spans[0]?.traceId} ${spanId}`,
        [...tokens.map((key) => share[key]), share.cost === null ? null : share.cost / 1e9, share.calls],
      ]),
  )
}

const asRunning = ({ traceId, spanId, parentSpanId, name, kind, startTime }: NewSpan): NewSpan => ({
  traceId,
  spanId,
  parentSpanId,
  name,
  kind,
  startTime,
  status: 'running',
})

function shuffle<T>(items: T[], order: Iterable<number>): void {
  const numbers = order[Symbol.iterator]()
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Number(numbers.next().value) % (i + 1)
    ;[items[i], items[j]] = [items[j] as T, items[i] as T]
  }
}
