import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { LogWriter } from '../../src/writers/writers.ts'
import { describeBackends } from '../backends.ts'
import { firstOf } from '../collect.ts'
import { runs } from '../runs.ts'

const writers = 4
const linesOfWriter = runs(2_500, 25_000)

describeBackends('the tail of logs', (backend) => {
  let store: Store

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('shows every line of concurrent writers once, in the order of each writer', { timeout: 180_000 }, async () => {
    const write = async (writer: number) => {
      const log = new LogWriter(store.pool, { batchRows: 500 })
      for (let line = 0; line < linesOfWriter; line += 250) {
        const lines = Array.from({ length: 250 }, (_, i) => {
          const number = String(line + i).padStart(6, '0')
          return { logId: `${number} ${writer}`, body: `line ${number}`, serviceName: `writer-${writer}` }
        })
        await log.write(lines)
      }
      await log.close()
    }
    const seen = new Map<string, string[]>()
    let count = 0
    const stop = new AbortController()
    const tail = async () => {
      for await (const { items } of store.follow('logs', { pollMs: 5, signal: stop.signal })) {
        for (const { serviceName, logId, body } of items) {
          const lines = seen.get(String(serviceName)) ?? []
          lines.push(logId)
          seen.set(String(serviceName), lines)
          expect(body).toBe(`line ${logId.slice(0, 6)}`)
          count += 1
        }
        if (count >= writers * linesOfWriter) stop.abort()
      }
    }
    await Promise.all([tail(), ...Array.from({ length: writers }, (_, writer) => write(writer))])
    // Nothing more comes: every line came once.
    for await (const { items } of store.follow('logs', { after: 'now', once: true })) expect(items).toEqual([])
    expect(seen.size).toBe(writers)
    for (const lines of seen.values()) {
      expect(lines).toHaveLength(linesOfWriter)
      expect(lines).toEqual([...lines].sort())
    }
  })

  it('can be filtered, and goes on after a cursor', async () => {
    const other = store.forProject('filtered')
    await other.writers.logs.write([
      { logId: 'a', severity: 9, body: 'fine' },
      { logId: 'b', severity: 17, body: 'card declined' },
    ])
    const filter = { minSeverity: 'error', search: 'declined' } as const
    // A transaction of anybody on the server holds rows back: they are waited for.
    const { items, cursor } = await firstOf(other.follow('logs', { filter, pollMs: 10 }))
    expect(items.map(({ logId }) => logId)).toEqual(['b'])
    await other.writers.logs.write({ logId: 'c', severity: 21, body: 'declined again' })
    const next = await firstOf(other.follow('logs', { filter, after: cursor, pollMs: 10 }))
    expect(next.items.map(({ logId }) => logId)).toEqual(['c'])
  })

  it('follows results and points as well', async () => {
    await store.writers.results.write({ resultId: 'r', name: 'x', status: 'failed' })
    await store.writers.metricPoints.write({ pointId: 'p', metricName: 'm', value: 1 })
    const results = await firstOf(store.follow('results', { filter: { failing: true }, pollMs: 10 }))
    expect(results.items.map(({ resultId }) => resultId)).toEqual(['r'])
    const points = await firstOf(store.follow('metricPoints', { pollMs: 10 }))
    expect(points.items.map(({ pointId }) => pointId)).toEqual(['p'])
  })
})
