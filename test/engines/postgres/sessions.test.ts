import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStore } from '../../../src/index.ts'
import { createDatabase, type TestDatabase } from '../../servers/databases.ts'

const role = `reader_${process.pid}`

let database: TestDatabase
let owner: pg.Client

beforeEach(async () => {
  database = await createDatabase()
  owner = new pg.Client(database.url)
  await owner.connect()
})
afterEach(async () => {
  await owner.end()
  await database.drop()
})

const alter = (setting: string) =>
  owner.query(`do $$ begin execute format('alter database %I set ${setting}', current_database()); end $$`)

const span = { traceId: 't', spanId: 's', name: 'n', startTime: '2026-11-20T10:03:00.123456Z' }

it('the style of dates that a database has changes nothing', async () => {
  for (const style of ['German', 'SQL, DMY', 'Postgres, MDY']) {
    await alter(`datestyle to ${style}`)
    const store = await openStore(database.url, { migrate: true })
    await store.writers.spans.write(span)
    await store.writers.metricPoints.write({ metricName: 'm', value: 1, time: span.startTime })
    const { startTime } = span
    expect(await store.traces.get('t')).toMatchObject({ startTime, spans: [{ startTime }] })
    const hours = await store.metrics.series('m', { bucket: 'hour' })
    expect(hours).toMatchObject([{ bucket: '2026-11-20T10:00:00.000000Z' }])
    await store.close()
  }
})

it('a role that may not create schemas migrates one that is there', async () => {
  await owner.query(`create role ${role} login password 'p'`)
  try {
    await owner.query(`create schema tracehold authorization ${role}`)
    const url = new URL(database.url)
    url.username = role
    url.password = 'p'
    const store = await openStore(url.href, { migrate: true })
    await store.writers.spans.write(span)
    expect(await store.traces.count()).toBe(1)
    await store.close()
  } finally {
    await owner.query(`drop owned by ${role} cascade; drop role ${role}`)
  }
})

it('a session that the server ends because it is idle is opened again', async () => {
  await (await openStore(database.url, { migrate: true })).close()
  await alter('idle_session_timeout to 50')
  await owner.query('set idle_session_timeout to 0')
  const sessions = 'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
  const store = await openStore(database.url)
  for (let round = 0; round < 3; round += 1) {
    await store.writers.spans.write({ ...span, spanId: `s${round}` })
    expect(await store.spans.count()).toBe(round + 1)
    await expect.poll(async () => (await owner.query(sessions)).rows.length, { timeout: 10_000 }).toBe(0)
  }
  await store.close()
})
