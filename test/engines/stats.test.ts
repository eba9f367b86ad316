import { describe, expect, it } from 'vitest'
import type { PostgresPool } from '../../src/engines/postgres/pool.ts'
import { openPool, type PoolOptions } from '../../src/index.ts'
import { observedDatabase } from './postgres/observed-database.ts'

describe('the figures of a PostgreSQL pool', () => {
  const { open: openAny, sessions: pids } = observedDatabase('stats-test')
  const sessions = async () => (await pids()).length
  const open = (options: Partial<PoolOptions> = {}) => openAny({ maxConnections: 5, ...options })
  /** Keeps a connection busy until `end` is called. */
  const hold = (pool: PostgresPool) => {
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    return { call: pool.transaction('hold', () => ended), end }
  }

  it('are what the server sees, over both drivers', async () => {
    const pool = await open()
    expect(pool.stats()).toEqual({
      ...{ max: 5, size: 0, idle: 0, active: 0, waiting: 0 },
      ...{ utilization: 0, nearCapacity: false },
    })
    const writes = [hold(pool), hold(pool)]
    const reads = Array.from({ length: 3 }, () => pool.rows('select pg_sleep(0.5)', []))
    await expect.poll(sessions).toBe(5)
    await expect.poll(() => pool.stats().size).toBe(5)
    expect(pool.stats()).toEqual({
      ...{ max: 5, size: 5, idle: 0, active: 5, waiting: 0 },
      ...{ utilization: 1, nearCapacity: true },
    })
    const more = [hold(pool), ...[1, 2].map(() => pool.rows('select 1', []))]
    await expect.poll(() => pool.stats().waiting).toBe(3)
    for (const { end } of writes) end()
    const [third, ...others] = more
    if (third && 'end' in third) third.end()
    await Promise.all([...writes.map(({ call }) => call), ...reads, ...others])
    await expect
      .poll(() => pool.stats())
      .toEqual({
        ...{ max: 5, size: 5, idle: 5, active: 0, waiting: 0 },
        ...{ utilization: 0, nearCapacity: false },
      })
    expect(await sessions()).toBe(5)
    await pool.close()
    expect(pool.stats()).toMatchObject({ size: 0, idle: 0 })
    await expect.poll(sessions).toBe(0)
  })

  it('are near capacity above four fifths', async () => {
    const pool = await open({ maxConnections: 10 })
    const reads = Array.from({ length: 6 }, () => pool.rows('select pg_sleep(0.4)', []))
    const first = [hold(pool), hold(pool)]
    await expect.poll(() => pool.stats().active).toBe(8)
    expect(pool.stats()).toMatchObject({ utilization: 0.8, nearCapacity: false })
    const last = hold(pool)
    expect(pool.stats()).toMatchObject({ utilization: 0.9, nearCapacity: true })
    for (const { end } of [...first, last]) end()
    await Promise.all([...reads, ...first.map(({ call }) => call), last.call])
    await pool.close()
  })

  it('keep the connections that are to stay', async () => {
    const pool = await open({ minConnections: 3, idleTimeoutMs: 400 })
    const held = [hold(pool), hold(pool)]
    await Promise.all(Array.from({ length: 3 }, () => pool.rows('select pg_sleep(0.1)', [])))
    for (const { end } of held) end()
    await Promise.all(held.map(({ call }) => call))
    expect(pool.stats().size).toBe(5)
    await expect.poll(() => pool.stats().size, { timeout: 5_000 }).toBe(3)
    // Well past the time after which all others have gone.
    const until = performance.now() + 1_000
    await expect.poll(() => performance.now() > until && pool.stats().size).toBe(3)
    expect(await sessions()).toBe(3)
    await pool.close()
  })

  it.each([-1, 6, 1.5])('do not keep %s of five', async (minConnections) => {
    await expect(open({ minConnections })).rejects.toMatchObject({ code: 'config' })
  })
})

describe('the figures of an SQLite pool', () => {
  it('are its one writer', async () => {
    const pool = await openPool({ url: 'sqlite::memory:' })
    expect(pool.stats()).toMatchObject({ max: 1, size: 1, idle: 1, active: 0, nearCapacity: false })
    await pool.close()
    expect(pool.stats()).toMatchObject({ size: 0, idle: 0 })
  })
})
