import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../../src/index.ts'
import { createDatabase, type TestDatabase } from '../../servers/databases.ts'

describe.each([2, 5])('a budget of %i connections', (maxConnections) => {
  const applicationName = `budget-${maxConnections}`
  let database: TestDatabase
  let observer: pg.Client
  let store: Store

  beforeAll(async () => {
    database = await createDatabase()
    observer = new pg.Client(database.url)
    await observer.connect()
    store = await openStore(database.url, { maxConnections, applicationName, migrate: true })
  })
  afterAll(async () => {
    await store.close()
    await observer.end()
    await database.drop()
  })
  const connections = async () => {
    const { rows } = await observer.query(
      'select count(*)::int as open from pg_stat_activity where application_name = $1',
      [applicationName],
    )
    return rows[0].open as number
  }

  it('is kept under load, by reads and writes together', async () => {
    const projects = Array.from({ length: 6 }, (_, n) => store.forProject(`p${n}`))
    let loading = true
    let mostOpen = 0
    let mostActive = 0
    const watch = (async () => {
      while (loading) {
        mostOpen = Math.max(mostOpen, await connections())
        const { max, active, utilization } = store.stats()
        mostActive = Math.max(mostActive, active)
        expect(max).toBe(maxConnections)
        expect(utilization).toBe(active / max)
      }
    })()
    const load = projects.flatMap(({ writers, traces }, n) =>
      Array.from({ length: 15 }, async (_, i) => {
        const span = { traceId: `t${i}`, spanId: `s${n}`, name: 'n', startTime: new Date() }
        await Promise.all([writers.spans.write(span), traces.list(), traces.get(`t${i}`), store.health()])
      }),
    )
    await Promise.all(load)
    loading = false
    await watch
    expect(mostOpen).toBeGreaterThan(1)
    expect(mostOpen).toBeLessThanOrEqual(maxConnections)
    expect(mostActive).toBeLessThanOrEqual(maxConnections)
    expect(store.stats()).toMatchObject({ active: 0, waiting: 0, utilization: 0 })
    for (const { traces } of projects) expect((await traces.list()).items).toHaveLength(15)
  })

  it('leaves no connection open after close', async () => {
    expect(await connections()).toBeGreaterThan(0)
    await store.close()
    await expect.poll(connections).toBe(0)
  })
})
