import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSink } from '../../src/engines/notifying-sink.ts'
import type { Batch, EngineSink, PreparedRow } from '../../src/engines/sink.ts'
import { type NewSpan, Store } from '../../src/index.ts'
import { BatchWriter } from '../../src/writers/batch-writer.ts'
import { completeSpan, spanDefaults } from '../../src/writers/span-rows.ts'
import { describeBackends } from '../backends.ts'
import { runs } from '../runs.ts'
import { suiteStore } from '../suite-store.ts'
import { modelTrace } from './trace-model.ts'

/** Stores batches once more, as a writer does that did not hear of its commit: with the same stamps. */
const storingAgain = (sink: EngineSink, isAgain: () => boolean): EngineSink =>
  new Proxy(sink, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (name !== 'write') return member.bind(target)
      return async (batch: Batch<PreparedRow>) => {
        const result = await target.write(batch)
        return isAgain() ? target.write(batch) : result
      }
    },
  })

const startOf = (n: number) => new Date(Date.UTC(2026, 10, 20) + n)

/** A chain: each span is under the one before, and repeats the usage that is under it. */
const chain = (length: number): NewSpan[] =>
  Array.from({ length }, (_, n) => ({
    traceId: 'chain',
    spanId: `s${String(n).padStart(6, '0')}`,
    parentSpanId: n === 0 ? null : `s${String(n - 1).padStart(6, '0')}`,
    name: 'step',
    kind: n === length - 1 ? 'llm' : n % 3 === 0 ? 'agent' : 'step',
    startTime: startOf(n),
    endTime: startOf(n + 1),
    ...(n === length - 1 || n % 100 === 0 ? { inputTokens: 100, outputTokens: 10 } : {}),
  }))

const events = fc.array(
  fc.record({
    n: fc.integer({ min: 0, max: 9 }),
    isRunning: fc.boolean(),
    isAgain: fc.boolean(),
    writer: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 40 },
)

describeBackends('usage of spans', (backend) => {
  const store = suiteStore(() => Promise.resolve({ url: backend.url(), drop: async () => {} }))
  let count = 0

  it('is counted once where commits are not heard of, and batches are stored again between others', async () => {
    const property = fc.asyncProperty(events, async (given) => {
      count += 1
      const projectId = `again-${count}`
      const { pool } = store()
      let isAgain = false
      const writers = Array.from(
        { length: 4 },
        () =>
          new BatchWriter<NewSpan>({
            entity: 'spans',
            projectId,
            makeSink: () => storingAgain(createSink(pool), () => isAgain),
            defaults: spanDefaults,
            finish: completeSpan,
          }),
      )
      const spans = chain(10)
      const written = new Set<number>()
      for (let at = 0; at < given.length; at += 4) {
        isAgain = given[at]?.isAgain ?? false
        await Promise.all(
          given.slice(at, at + 4).map(({ n, isRunning, writer }) => {
            written.add(n)
            const span = spans[n] as NewSpan
            return writers[writer]?.write(isRunning ? asRunning(span) : span)
          }),
        )
      }
      const last = spans.filter((_, n) => written.has(n))
      isAgain = true
      await writers[0]?.write(last)
      await Promise.all(writers.map((writer) => writer.close()))
      const project = new Store(pool, { projectId })
      expect((await project.rebuildTraces({ check: true })).differences).toEqual([])
      const { authored, document, projectId: _, ...visible } = modelTrace(projectId, last)
      expect(await project.traces.get('chain')).toMatchObject(visible)
    })
    await fc.assert(property, { numRuns: backend.name === 'clickhouse' ? runs(3, 50) : runs(25, 500) })
  }, 600_000)

  it('is counted once in a chain that comes from its end, from its middle, and in any order', async () => {
    const length = backend.name === 'clickhouse' ? runs(100, 1_000) : runs(1_000, 10_000)
    const spans = chain(length)
    const orders = {
      'from-the-end': [...spans].reverse(),
      'from-the-middle': [...spans.slice(length / 2), ...spans.slice(0, length / 2)],
      'in-any-order': [...spans].sort((a, b) => weight(a.spanId) - weight(b.spanId)),
    }
    const sums = { inputTokens: 100, outputTokens: 10, totalTokens: 110, spanCount: length, llmCallCount: 1 }
    for (const [projectId, order] of Object.entries(orders)) {
      const project = new Store(store().pool, { projectId })
      for (let at = 0; at < length; at += length / 20)
        await project.writers.spans.write(order.slice(at, at + length / 20))
      // ClickHouse works a trace that grows out once a second, and then.
      await project.writers.spans.flush()
      expect(await project.traces.get('chain'), projectId).toMatchObject(sums)
      expect((await project.rebuildTraces({ check: true })).differences, projectId).toEqual([])
    }
  }, 600_000)
})

/** A number from an id, the same on every run, that says nothing of its place. */
const weight = (id: string) => Math.imul(Number(id.slice(1)) + 1, 0x9e3779b1) >>> 0

const asRunning = ({ traceId, spanId, parentSpanId, name, kind, startTime }: NewSpan): NewSpan => ({
  traceId,
  spanId,
  parentSpanId,
  name,
  kind,
  startTime,
  status: 'running',
})
