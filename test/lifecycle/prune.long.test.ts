import { expect, it } from 'vitest'
import { type NewSpan, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { onDay } from './life-of-data.ts'

const days = 30
const tracesOfDay = 700
const spansPerTrace = 20

const spansOfDay = (day: number): NewSpan[] =>
  Array.from({ length: tracesOfDay * spansPerTrace }, (_, n) => {
    const trace = Math.floor(n / spansPerTrace)
    return {
      traceId: `t${day}-${trace}`,
      spanId: `s${n % spansPerTrace}`,
      parentSpanId: n % spansPerTrace === 0 ? null : 's0',
      name: 'chat',
      kind: 'llm',
      model: 'gpt-4o',
      startTime: onDay(day, trace * 100 + (n % spansPerTrace)),
      endTime: onDay(day, trace * 100 + (n % spansPerTrace) + 5),
      inputTokens: n % 1_000,
      input: `question ${n} `.repeat(20),
      attributes: { n, 'http.status_code': 200 },
    }
  })

/** How long each of a writer's batches took, while something runs, in milliseconds. */
async function writeWhile(store: Store, name: string, running: Promise<unknown>): Promise<number[]> {
  let isOver = false
  void running.finally(() => {
    isOver = true
  })
  const tookMs: number[] = []
  for (let n = 0; !isOver && n < 5_000; n += 1) {
    const started = performance.now()
    const span = (i: number): NewSpan => ({ traceId: `${name} ${n}`, spanId: `s${i}`, name: 'x', startTime: onDay(99) })
    await store.writers.spans.write(Array.from({ length: 10 }, (_, i) => span(i)))
    tookMs.push(performance.now() - started)
  }
  return tookMs.sort((a, b) => a - b)
}

const p99 = (sorted: readonly number[]) => sorted[Math.floor(sorted.length * 0.99)] ?? 0

describeBackends('pruning a day of a month', (backend) => {
  it('takes little memory, and writers go on', async () => {
    const store = await openStore(await backend.migrated(), { migrate: true })
    for (let day = 0; day < days; day += 1) await store.writers.spans.bulk(spansOfDay(day))
    const quiet = await writeWhile(store, 'quiet', new Promise((resolve) => setTimeout(resolve, 5_000)))
    global.gc?.()
    const before = process.memoryUsage().rss
    let mostBytes = before
    const watch = setInterval(() => (mostBytes = Math.max(mostBytes, process.memoryUsage().rss)), 20)
    const started = performance.now()
    const pruning = store.prune({ olderThan: onDay(1) })
    const busy = await writeWhile(store, 'busy', pruning)
    const { deleted } = await pruning
    clearInterval(watch)
    const seconds = (performance.now() - started) / 1000
    console.log(
      `${backend.name}: ${deleted.spans} of ${days * tracesOfDay * spansPerTrace} spans in ${seconds.toFixed(1)} s, ` +
        `${((mostBytes - before) / 1e6).toFixed(0)} MB more; a write of 10 spans: p99 ${p99(quiet).toFixed(1)} ms alone, ` +
        `${p99(busy).toFixed(1)} ms meanwhile, longest ${(busy.at(-1) ?? 0).toFixed(1)} ms of ${busy.length}`,
    )
    expect(deleted).toMatchObject({ traces: tracesOfDay, spans: tracesOfDay * spansPerTrace })
    expect(await store.traces.count({ until: onDay(days) })).toBe((days - 1) * tracesOfDay)
    expect(mostBytes - before).toBeLessThan(300e6)
    await store.close()
  }, 900_000)
})
