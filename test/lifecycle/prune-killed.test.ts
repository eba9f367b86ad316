import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type NewSpan, openStore, type PrunedRows } from '../../src/index.ts'
import { describeBackends, describeBackendsForProcesses } from '../backends.ts'
import { runs, runsOn } from '../runs.ts'
import { onDay, spansOn, storedIds, type TraceOn, wholeTraces, writeWhole } from './life-of-data.ts'

const program = join(import.meta.dirname, 'prune-process.mjs')
const oldTraces = runs(60, 600)
const spansPerTrace = 10

const named = (n: number) => `t${String(n).padStart(4, '0')}`
const names = (count: number, from = 0) => Array.from({ length: count }, (_, n) => named(from + n))

const on = (day: number, traceIds: readonly string[]) => traceIds.map((traceId): TraceOn => [traceId, day])

describeBackendsForProcesses('prune, killed', (backend) => {
  it(
    'leaves no half trace behind, and the next run finishes it',
    async () => {
      const url = await backend.migrated()
      const store = await openStore(url, { migrate: true })
      const young = names(5, oldTraces)
      await writeWhole(store, [...on(0, names(oldTraces)), ...on(9, young)], spansPerTrace)
      for (let round = 1; round <= runs(3, 50); round += 1) {
        const child = fork(program, [url, onDay(5), String(spansPerTrace)], {
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        })
        const ended = once(child, 'exit')
        // Killed in the middle of what comes after so many batches.
        let batches = 0
        child.on('message', () => {
          batches += 1
          if (batches === (round % 3) + 1) child.kill('SIGKILL')
        })
        await ended
        const { traces = [], ...others } = await storedIds(store)
        if (backend.name !== 'clickhouse') {
          expect({ traces, ...others }).toEqual(wholeTraces(...traces))
          expect(await store.db.$count(store.tables.spans)).toBe(traces.length * spansPerTrace)
        }
        // Without transactions a trace that was being deleted is still known, so that it is found again.
        for (const table of ['spans', 'events']) expect(traces).toEqual(expect.arrayContaining(others[table] ?? []))
      }
      await store.prune({ olderThan: onDay(5) })
      expect(await storedIds(store)).toEqual(wholeTraces(...young))
      expect((await store.rebuildTraces({ check: true })).differences).toEqual([])
      await store.close()
    },
    runs(60_000, 900_000),
  )
})

describeBackends('prune, while others write', (backend) => {
  it(
    'leaves whole traces only, and no writer fails',
    async () => {
      const url = await backend.migrated()
      const store = await openStore(url, { migrate: true })
      // A delete costs ClickHouse a tenth of a second and more, however little it finds.
      const traces = runsOn(backend, oldTraces, oldTraces)
      await writeWhole(store, on(0, names(traces)), spansPerTrace)
      const stop = new AbortController()
      let written = 0
      const writing = (async () => {
        while (!stop.signal.aborted) {
          // A new trace, and a late span of one that is just being pruned, or is gone.
          const late: NewSpan = {
            traceId: named(written % traces),
            spanId: `late ${written}`,
            name: 'late',
            startTime: onDay(0),
          }
          await store.writers.spans.write([...spansOn(`new ${written}`, 9), late])
          written += 1
        }
      })()
      const progress: PrunedRows[] = []
      await store.prune(
        { olderThan: onDay(5) },
        { batch: (spansPerTrace * traces) / 5, onProgress: (rows) => progress.push(rows) },
      )
      stop.abort()
      await writing
      expect(written).toBeGreaterThan(0)
      expect(progress.at(-1)?.traces).toBeGreaterThanOrEqual(traces)
      const { traces: left = [], spans, events, results, logs } = await storedIds(store)
      expect(spans).toEqual(left)
      expect([events, results, logs]).toEqual([[], [], []])
      expect(left.filter((traceId) => traceId.startsWith('new'))).toHaveLength(written)
      for (const { traceId, spanCount } of (await store.traces.list({ name: 'late', limit: 1000 })).items) {
        expect((await store.traces.get(traceId))?.spans).toHaveLength(spanCount)
      }
      expect((await store.rebuildTraces({ check: true })).differences).toEqual([])
      await store.close()
    },
    runs(60_000, 300_000),
  )
})
