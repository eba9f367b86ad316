import Database from 'better-sqlite3'
import { and, count, desc, eq, sum } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { accounts, type Spend } from './spend.ts'
import { spans, traces, users } from './sqlite.ts'

/** What each user's agents did: the app's own SQLite client joins its users with tracehold's tables. */
export function spendOnSqlite(file: string): Spend[] {
  const client = new Database(file)
  try {
    client.exec('create table if not exists users (id text primary key, plan text not null)')
    const db = drizzle(client)
    db.insert(users).values(accounts).onConflictDoNothing().run()
    return (
      db
        .select({ user: users.id, plan: users.plan, calls: count(), tokens: sum(spans.totalTokens).mapWith(Number) })
        .from(users)
        .innerJoin(traces, eq(traces.userId, users.id))
        .innerJoin(spans, and(eq(spans.projectId, traces.projectId), eq(spans.traceId, traces.traceId)))
        // An app's own query sees every project.
        .where(and(eq(traces.projectId, 'default'), eq(spans.kind, 'llm')))
        .groupBy(users.id)
        .orderBy(desc(sum(spans.totalTokens)))
        .all()
    )
  } finally {
    client.close()
  }
}
