import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NewSpan, openStore, TimeoutError } from '../../../src/index.ts'
import type { TestDatabase } from '../../servers/databases.ts'
import { createMigrated } from '../../servers/migrated.ts'
import { suiteStore } from '../../suite-store.ts'
import { thrown } from '../thrown.ts'

const role = `app_${process.pid}`

let database: TestDatabase
let other: pg.Client

const store = suiteStore(async () => {
  database = await createMigrated.postgres()
  return database
})
beforeEach(async () => {
  other = new pg.Client(database.url)
  await other.connect()
})
afterEach(async () => {
  await other.end()
})

const span = (traceId: string, n: number): NewSpan => ({
  traceId,
  spanId: `s${n}`,
  name: 'call',
  startTime: new Date(1_760_000_000_000 + n),
})
const spansOf = (traceId: string, count: number) => Array.from({ length: count }, (_, n) => span(traceId, n))

/** Resolves when a connection of the store waits for a lock. */
const isBlocked = () =>
  expect
    .poll(async () => {
      const { rows } = await other.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rows.length
    })
    .toBeGreaterThan(0)

const lockTrace = (traceId: string) =>
  other
    .query('begin')
    .then(() => other.query('select from tracehold.traces where trace_id = $1 for no key update', [traceId]))

describe('a trace that another process deletes', () => {
  /** Has a write wait for the lock of one who deletes the trace. */
  async function deleteDuring<T>(traceId: string, write: () => Promise<T>): Promise<T> {
    await lockTrace(traceId)
    const writing = write()
    writing.catch(() => {})
    await isBlocked()
    for (const table of ['spans', 'traces']) {
      await other.query(`delete from tracehold.${table} where trace_id = $1`, [traceId])
    }
    await other.query('commit')
    return writing
  }

  it.each([1, 30])('comes to be again with the %i spans that were being written', async (count) => {
    const traceId = `deleted${count}`
    await store().writers.spans.write(span(traceId, 100))
    const others = [span('before', count), span('later', count)]
    const rows = [...others, ...spansOf(traceId, count)]
    const result = await deleteDuring(traceId, () => store().writers.spans.write(rows))
    expect(result).toEqual({ stored: count + 2, deduplicated: 0 })
    expect(await store().traces.get(traceId)).toMatchObject({ spanCount: count, spans: { length: count } })
    expect(store().writers.spans.stats()).toMatchObject({ rejected: 0, retries: 0 })
  })

  it('comes to be again with what its author or a run says', async () => {
    await store().writers.traces.write({ traceId: 'authored', name: 'first' })
    await deleteDuring('authored', () => store().writers.traces.write({ traceId: 'authored', name: 'second' }))
    expect(await store().traces.get('authored')).toMatchObject({ name: 'second', spanCount: 0 })

    const run = { trace: { traceId: 'run', name: 'run' }, spans: spansOf('run', 2) }
    await store().writers.runs.save([run], { source: 'x' })
    await deleteDuring('run', () => store().writers.runs.save([run], { source: 'x' }))
    expect(await store().traces.get('run')).toMatchObject({ name: 'run', spanCount: 2 })
  })

  it('again and again costs no span and makes nobody wait in a circle', async () => {
    const failed: string[] = []
    const rival = await openStore(database.url, { writers: { onError: ({ message }) => failed.push(message) } })
    const traceIds = ['r0', 'r1', 'r2', 'r3']
    for (let round = 0; round < 40; round += 1) {
      const rows = traceIds.flatMap((traceId) => [span(traceId, round), span(traceId, round + 1_000)])
      await Promise.all([
        store().writers.traces.delete(traceIds[round % 4] as string),
        rival.writers.spans.write(rows),
        store().writers.spans.write(rows),
        rival.writers.traces.delete(traceIds[(round + 2) % 4] as string),
      ])
    }
    expect(failed).toEqual([])
    expect(rival.writers.spans.stats()).toMatchObject({ rejected: 0, dropped: 0, retries: 0 })
    const { rows } = await other.query(`select from tracehold.traces as t where span_count <>
      (select count(*) from tracehold.spans as s where s.project_id = t.project_id and s.trace_id = t.trace_id)`)
    expect(rows).toEqual([])
    await rival.close()
  })
})

describe('a role', () => {
  const openAs = () => {
    const url = new URL(database.url)
    url.username = role
    url.password = 'p'
    return openStore(url.href)
  }

  beforeAll(async () => {
    const client = new pg.Client(database.url)
    await client.connect()
    await client.query(`create role ${role} login password 'p'; grant usage on schema tracehold to ${role};
      grant select, insert, update on all tables in schema tracehold to ${role}`)
    await client.end()
  })
  afterAll(async () => {
    const client = new pg.Client(database.url)
    await client.connect()
    await client.query(`drop owned by ${role}; drop role ${role}`)
    await client.end()
  })

  it('without DELETE may write its spans again, few or many', async () => {
    const bound = await openAs()
    for (const count of [5, 50]) {
      await bound.writers.spans.write(spansOf(`again${count}`, count))
      const result = await bound.writers.spans.write(spansOf(`again${count}`, count))
      expect(result).toEqual({ stored: count, deduplicated: 0 })
    }
    expect(bound.writers.spans.stats()).toMatchObject({ retries: 0, dropped: 0 })
    await bound.close()
  })

  it('that row-level security begins to bind goes on writing', async () => {
    await other.query(`grant delete on tracehold.spans to ${role}`)
    const bound = await openAs()
    const saveRun = (traceId: string) =>
      bound.writers.runs.save([{ trace: { traceId }, spans: spansOf(traceId, 50) }], { source: 'x' })
    await bound.writers.spans.write(spansOf('unbound', 50))
    await saveRun('unbound run')
    await other.query(`alter table tracehold.spans enable row level security;
      create policy everything on tracehold.spans using (true)`)
    try {
      for (const traceId of ['bound', 'bound', 'bound too']) {
        expect(await bound.writers.spans.write(spansOf(traceId, 50))).toEqual({ stored: 50, deduplicated: 0 })
      }
      expect(await saveRun('bound run')).toEqual({ stored: 1 })
    } finally {
      await other.query(`drop policy everything on tracehold.spans;
        alter table tracehold.spans disable row level security`)
      await bound.close()
    }
    expect(bound.writers.spans.stats()).toMatchObject({ dropped: 0, retries: 0 })
  })
})

describe('a batch that the server stops for taking too long', () => {
  it('is tried once more, and then given up', async () => {
    const impatient = await openStore(database.url, { statementTimeoutMs: 100, writers: { retryDelayMs: 1 } })
    await impatient.writers.spans.write(span('held', 0))
    await lockTrace('held')
    expect(await thrown(impatient.writers.spans.write(span('held', 1)))).toBeInstanceOf(TimeoutError)
    expect(impatient.writers.spans.stats()).toMatchObject({ retries: 1, dropped: 1, pending: 0 })
    await other.query('rollback')
    await impatient.close()
  })
})
