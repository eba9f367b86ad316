import { describe, expect, it } from 'vitest'
import { openPool, openStore } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { observedDatabase } from './postgres/observed-database.ts'
import { thrown } from './thrown.ts'

describeBackends(
  'several reads of one moment',
  (backend) => {
    it('never show a trace and its spans from before and after a write', async () => {
      const url = await backend.migrated()
      const [writing, reading] = [await openStore(url, { migrate: true }), await openStore(url)]
      const span = (n: number) => ({ traceId: 't', spanId: `s${n}`, name: 'n', startTime: new Date() })
      await writing.writers.spans.write(span(0))
      let isWriting = true
      const writes = (async () => {
        for (let n = 1; n <= 100; n += 1) await writing.writers.spans.write(span(n))
        isWriting = false
      })()
      const torn: [number, number][] = []
      while (isWriting) {
        const trace = await reading.traces.get('t')
        if (trace?.spanCount !== trace?.spans.length) torn.push([trace?.spanCount ?? 0, trace?.spans.length ?? 0])
        // SQLite answers at once: the writer is to have its turn.
        await new Promise(setImmediate)
      }
      await writes
      expect(torn).toEqual([])
      expect(await reading.traces.get('t')).toMatchObject({ spanCount: 101 })
      await writing.close()
      await reading.close()
    })

    it('fail as the first of them that is wrong, and leave the connection usable', async () => {
      const pool = await openPool({ url: await backend.fresh() })
      const reads = ['select 1', 'select 2 from nowhere', 'select 3'].map((text) => ({ text, params: [] }))
      expect(await thrown(pool.snapshot(reads))).toMatchObject({ message: expect.stringMatching(/nowhere/) })
      expect(await pool.snapshot([{ text: 'select 3', params: [] }])).toEqual([[[3]]])
      expect(await pool.rows('select 4', [])).toEqual([[4]])
      await pool.close()
    })
  },
  { skipOn: [{ backend: 'clickhouse', because: 'it has no snapshots: docs/clickhouse.md says so' }] },
)

describe('the connections that read', () => {
  const { open, sessions } = observedDatabase('reads-test')

  it('are as few as are needed: one after the other is one', async () => {
    const pool = await open()
    for (let n = 0; n < 20; n += 1) await pool.rows('select 1', [])
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 })
    await pool.close()
  })

  it('keep statements that come again, and only so many', async () => {
    const pool = await open()
    const kept = async () =>
      Number((await pool.rows(`select count(*)::int from pg_prepared_statements where $1 = 'x'`, ['x']))[0]?.[0])
    for (let n = 0; n < 300; n += 1) await pool.rows(`select ${n} where $1 = 'x'`, ['x'])
    expect(await kept()).toBe(0)
    for (let n = 0; n < 2; n += 1) await pool.rows("select 'again' where $1 = 'x'", ['x'])
    expect(await kept()).toBeGreaterThanOrEqual(1)
    for (let n = 0; n < 500; n += 1) {
      for (let time = 0; time < 2; time += 1) await pool.rows(`select ${n}, 'twice' where $1 = 'x'`, ['x'])
    }
    expect(await kept()).toBeLessThanOrEqual(200)
    await pool.close()
  })

  it('are not given up when calls only wait for each other', async () => {
    const pool = await open({ maxConnections: 2, statementTimeoutMs: 1_000 })
    // Together they take longer than one may: none of them is late.
    const slow = Array.from({ length: 5 }, () => pool.rows('select pg_sleep(0.8), pg_backend_pid()', []))
    await expect.poll(() => pool.stats().waiting).toBe(4)
    expect(pool.stats()).toMatchObject({ nearCapacity: true })
    const outcomes = await Promise.allSettled(slow)
    const served = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value[0]?.[1]] : []))
    expect(new Set(served).size).toBe(1)
    // Those that could not have their turn in time say so, and no connection was lost for it.
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'pool', retryable: true })
    }
    expect(await sessions()).toEqual([served[0]])
    await pool.close()
  })

  it('answer a health check before those who wait', async () => {
    const pool = await open({ maxConnections: 2 })
    const order: string[] = []
    const slow = pool.rows('select pg_sleep(0.3)', []).then(() => order.push('slow'))
    await expect.poll(() => pool.stats().active).toBe(1)
    const next = [1, 2].map(() => pool.rows('select pg_sleep(0.1)', []).then(() => order.push('next')))
    const health = pool.health().then(({ ok }) => order.push(`health ${ok}`))
    await Promise.all([slow, ...next, health])
    expect(order).toEqual(['slow', 'health true', 'next', 'next'])
    await pool.close()
  })
})
