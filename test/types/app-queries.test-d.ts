import { and, count, eq } from 'drizzle-orm'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { integer as sqliteInteger, sqliteTable, text as sqliteText } from 'drizzle-orm/sqlite-core'
import * as postgres from '../../schema/postgres.ts'
import * as sqlite from '../../schema/sqlite.ts'
import type { Json, JsonObject, SpanKind, Status } from '../../schema/values.ts'
import type { NewSpan, NewTrace, Store } from '../../src/index.ts'
import type { Equal, Expect } from './equal.ts'

// An app's own Drizzle databases and tables beside ours. Nothing runs here: it must compile, with these very types.

const pgUsers = pgTable('users', { id: text('id').primaryKey(), age: integer('age') })
const sqliteUsers = sqliteTable('users', { id: sqliteText('id').primaryKey(), age: sqliteInteger('age') })

export async function onPostgres(db: PostgresJsDatabase, nodePostgres: NodePgDatabase) {
  const { spans, traces, events } = postgres

  const rows = await db.select().from(spans)
  type Row = (typeof rows)[number]
  type Kinds = Expect<Equal<Row['kind'], SpanKind>>
  type Times = Expect<Equal<[Row['startTime'], Row['endTime']], [string, string | null]>>
  type Documents = Expect<Equal<[Row['input'], Row['attributes']], [Json | null, JsonObject]>>
  type Numbers = Expect<
    Equal<[Row['inputTokens'], Row['costUsd'], Row['sequence']], [number | null, number | null, number | null]>
  >

  const joined = await nodePostgres
    .select({ user: pgUsers.id, age: pgUsers.age, status: traces.status, spans: count(spans.spanId) })
    .from(pgUsers)
    .innerJoin(traces, eq(traces.userId, pgUsers.id))
    .leftJoin(spans, and(eq(spans.projectId, traces.projectId), eq(spans.traceId, traces.traceId)))
    .groupBy(pgUsers.id, pgUsers.age, traces.status)
  type Joined = Expect<
    Equal<(typeof joined)[number], { user: string; age: number | null; status: Status; spans: number }>
  >

  const [left] = await db.select().from(pgUsers).leftJoin(events, eq(events.spanId, pgUsers.id))
  type Left = Expect<Equal<NonNullable<typeof left>['events'], typeof events.$inferSelect | null>>

  const key = { projectId: 'default', traceId: 't', spanId: 's' }
  const given = { ...key, name: 'chat', startTime: '2026-11-20T10:03:00.000000Z', attributes: {}, writtenAt: 'x' }
  await db.insert(spans).values({ ...given, kind: 'llm', status: 'ok', input: 'any json' })
  // @ts-expect-error not a kind of span
  await db.insert(spans).values({ ...given, kind: 'lllm', status: 'ok' })
  // @ts-expect-error the kind is required
  await db.insert(spans).values({ ...given, status: 'ok' })
  // @ts-expect-error instants are text in our rows
  await db.insert(spans).values({ ...given, kind: 'llm', status: 'ok', endTime: new Date() })
  // @ts-expect-error a function is no JSON
  await db.insert(spans).values({ ...given, kind: 'llm', status: 'ok', input: () => 1 })
  // @ts-expect-error no such status
  await db.select().from(traces).where(eq(traces.status, 'okay'))
  // @ts-expect-error no such column
  await db.select({ nothing: spans.nothing }).from(spans)
  // @ts-expect-error a Postgres database takes no SQLite table
  await db.select().from(sqlite.spans)
  return null as unknown as [Kinds, Times, Documents, Numbers, Joined, Left]
}

export async function onSqlite(db: BetterSQLite3Database) {
  const { spans, traces, events } = sqlite

  const rows = await db.select().from(spans)
  type Row = (typeof rows)[number]
  type Kinds = Expect<Equal<Row['kind'], SpanKind>>
  type Times = Expect<Equal<[Row['startTime'], Row['endTime']], [string, string | null]>>
  type Documents = Expect<Equal<[Row['input'], Row['attributes']], [Json | null, JsonObject]>>
  type Numbers = Expect<
    Equal<[Row['inputTokens'], Row['costUsd'], Row['sequence']], [number | null, number | null, number | null]>
  >

  const joined = db
    .select({ user: sqliteUsers.id, age: sqliteUsers.age, status: traces.status, spans: count(spans.spanId) })
    .from(sqliteUsers)
    .innerJoin(traces, eq(traces.userId, sqliteUsers.id))
    .leftJoin(spans, and(eq(spans.projectId, traces.projectId), eq(spans.traceId, traces.traceId)))
    .groupBy(sqliteUsers.id, sqliteUsers.age, traces.status)
    .all()
  type Joined = Expect<
    Equal<(typeof joined)[number], { user: string; age: number | null; status: Status; spans: number }>
  >

  const [left] = db.select().from(sqliteUsers).leftJoin(events, eq(events.spanId, sqliteUsers.id)).all()
  type Left = Expect<Equal<NonNullable<typeof left>['tracehold_events'], typeof events.$inferSelect | null>>

  const key = { projectId: 'default', traceId: 't', spanId: 's' }
  const given = { ...key, name: 'chat', startTime: '2026-11-20T10:03:00.000000Z', attributes: {}, writtenAt: 'x' }
  db.insert(spans)
    .values({ ...given, kind: 'llm', status: 'ok', input: 'any json' })
    .run()
  // @ts-expect-error not a kind of span
  db.insert(spans).values({ ...given, kind: 'lllm', status: 'ok' })
  // @ts-expect-error the kind is required
  db.insert(spans).values({ ...given, status: 'ok' })
  // @ts-expect-error instants are text in our rows
  db.insert(spans).values({ ...given, kind: 'llm', status: 'ok', endTime: new Date() })
  // @ts-expect-error no such status
  db.select().from(traces).where(eq(traces.status, 'okay'))
  // @ts-expect-error no such column
  db.select({ nothing: spans.nothing }).from(spans)
  return null as unknown as [Kinds, Times, Documents, Numbers, Joined, Left]
}

/** The store's own database: typed reads on one pool. It has no way to write. */
export async function onStore(store: Store) {
  const { traces } = store.tables
  const rows = await store.db.select({ id: traces.traceId, cost: traces.costUsd }).from(traces)
  type Row = Expect<Equal<(typeof rows)[number], { id: string; cost: number | null }>>
  // @ts-expect-error reads only
  store.db.insert(traces)

  const span: NewSpan = { traceId: 't', spanId: 's', name: 'n', startTime: new Date() }
  const trace: NewTrace = { traceId: 't' }
  // @ts-expect-error not a kind of span
  const wrongKind: NewSpan = { ...span, kind: 'lllm' }
  // @ts-expect-error the tenant belongs to the store
  const otherTenant: NewSpan = { traceId: 't', spanId: 's', name: 'n', startTime: new Date(), projectId: 'p' }
  // @ts-expect-error counted from spans
  const counted: NewTrace = { traceId: 't', spanCount: 1 }
  return null as unknown as [Row, typeof trace, typeof wrongKind, typeof otherTenant, typeof counted]
}
