import Database from 'better-sqlite3'
import { and, eq, gte } from 'drizzle-orm'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgresJs from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import * as postgres from '../../schema/postgres.ts'
import * as sqlite from '../../schema/sqlite.ts'
import type { Json } from '../../schema/values.ts'
import { type NewSpan, openStore, type Store } from '../../src/index.ts'
import { createDatabase } from '../servers/databases.ts'

// An app reads and writes our tables with a Drizzle database over its own client, which no pool of ours has set up.

const documents: Json[] = [
  '10.5',
  'null',
  '"quoted"',
  '',
  10.5,
  0,
  true,
  false,
  [],
  {},
  [1, 'two', null, { three: [3] }],
  { 'dotted.key': { nested: ['10.5', 10.5] }, text: 'naïve 日本 🙂 \\ \n "' },
]
const times = ['2026-11-20T10:03:00.123456Z', '2026-11-20T10:03:00.100000Z', '2026-07-01T00:00:00.000000Z']
const given = { traceId: 't', name: 'chat', kind: 'llm', status: 'ok', attributes: { n: '10.5' } } as const
const written: NewSpan[] = documents.map((input, index) => ({
  ...given,
  spanId: `s${index}`,
  startTime: String(times[index % times.length]),
  endTime: '2027-01-01T00:00:00.000001Z',
  costUsd: 0.1,
  inputTokens: 2 ** 40,
  input,
}))

type Row = { spanId: string; startTime: string; endTime: string | null; input: Json | null; attributes: Json }
type AppRow = Omit<typeof postgres.spans.$inferInsert, 'commitSeq'>

/** What the app does, whatever its client is. */
interface App {
  read(): Promise<Row[]>
  insert(row: AppRow): Promise<unknown>
  /** The ids of spans that start at an instant or later. */
  since(time: string): Promise<string[]>
  close(): Promise<unknown>
}

type Pg = ReturnType<typeof drizzlePg> | ReturnType<typeof drizzlePostgresJs>

function appOnPostgres(db: Pick<Pg, 'select' | 'insert'>, close: () => Promise<unknown>): App {
  const { spans } = postgres
  const { spanId, startTime, endTime, input, attributes } = spans
  const inTrace = eq(spans.traceId, 't')
  return {
    read: () => db.select({ spanId, startTime, endTime, input, attributes }).from(spans).where(inTrace),
    insert: (row) => db.insert(spans).values(row),
    async since(time) {
      const rows = await db
        .select({ spanId })
        .from(spans)
        .where(and(inTrace, gte(startTime, time)))
      return rows.map((row) => row.spanId).sort()
    },
    close,
  }
}

function appOnSqlite(client: Database.Database): App {
  const db = drizzleSqlite(client)
  const { spans } = sqlite
  const { spanId, startTime, endTime, input, attributes } = spans
  const inTrace = eq(spans.traceId, 't')
  return {
    read: async () => db.select({ spanId, startTime, endTime, input, attributes }).from(spans).where(inTrace),
    insert: async (row) => db.insert(spans).values(row),
    async since(time) {
      const rows = await db
        .select({ spanId })
        .from(spans)
        .where(and(inTrace, gte(startTime, time)))
      return rows.map((row) => row.spanId).sort()
    },
    close: async () => client.close(),
  }
}

const zones = ['UTC', 'Asia/Kolkata', 'America/St_Johns']

const apps: [string, 'sqlite' | 'postgres', (url: string) => App][] = [
  ['better-sqlite3', 'sqlite', (url) => appOnSqlite(new Database(url.slice('sqlite:'.length)))],
  ...zones.flatMap((zone): typeof apps => [
    [
      `postgres.js in ${zone}`,
      'postgres',
      (url) => {
        const client = postgresJs(url, { max: 1, connection: { TimeZone: zone } })
        return appOnPostgres(drizzlePostgresJs(client), () => client.end())
      },
    ],
    [
      `node-postgres in ${zone}`,
      'postgres',
      (url) => {
        const pool = new pg.Pool({ connectionString: url, max: 1, options: `-c TimeZone=${zone}` })
        return appOnPostgres(drizzlePg(pool), () => pool.end())
      },
    ],
  ]),
]

describe.each(apps)('an app with %s', (_, engine, open) => {
  let store: Store
  let app: App
  let drop = async () => {}

  beforeAll(async () => {
    let url = `sqlite:${inject('servers').directory}/app-clients.db`
    if (engine === 'postgres') {
      const database = await createDatabase()
      url = database.url
      drop = () => database.drop()
    }
    store = await openStore(url, { migrate: true })
    await store.writers.spans.write(written)
    app = open(url)
  })

  afterAll(async () => {
    await app.close()
    await store.close()
    await drop()
  })

  it('reads our instants to the microsecond and every JSON value as it was', async () => {
    const rows = await app.read()
    const expected = written.map(({ spanId, startTime, endTime, input, attributes }) => {
      return { spanId, startTime, endTime, input, attributes }
    })
    expect(new Map(rows.map((row) => [row.spanId, row]))).toEqual(new Map(expected.map((row) => [row.spanId, row])))
  })

  it('inserts what our repositories read equal', async () => {
    for (const [index, input] of documents.entries()) {
      const row = { ...given, projectId: 'default', traceId: 'mine', spanId: `s${index}`, startTime: String(times[0]) }
      await app.insert({ ...row, endTime: String(times[0]), durationMs: 0.25, input, writtenAt: String(times[0]) })
    }
    for (const [index, input] of documents.entries()) {
      expect(await store.spans.get('mine', `s${index}`)).toMatchObject({
        startTime: times[0],
        endTime: times[0],
        writtenAt: times[0],
        durationMs: 0.25,
        input,
        attributes: { n: '10.5' },
      })
    }
  })

  it('compares with instants in row format', async () => {
    const early = written.filter(({ startTime }) => startTime >= '2026-11-20').map(({ spanId }) => spanId)
    expect(await app.since('2026-11-20T10:03:00.100000Z')).toEqual(early.sort())
    expect(await app.since('2026-11-20T10:03:00.100001Z')).toHaveLength(written.length / times.length)
    expect(await app.since('2026-11-20T10:03:00.123457Z')).toEqual([])
  })
})
