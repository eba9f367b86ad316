import { and, count, desc, eq, sum } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { spans, traces, users } from './postgres.ts'
import { accounts, type Spend } from './spend.ts'

/** What each user's agents did: the app's own PostgreSQL client joins its users with tracehold's tables. */
export async function spendOnPostgres(url: string): Promise<Spend[]> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await client`create table if not exists users (id text primary key, plan text not null)`
    const db = drizzle(client)
    await db.insert(users).values(accounts).onConflictDoNothing()
    return await db
      .select({ user: users.id, plan: users.plan, calls: count(), tokens: sum(spans.totalTokens).mapWith(Number) })
      .from(users)
      .innerJoin(traces, eq(traces.userId, users.id))
      .innerJoin(spans, and(eq(spans.projectId, traces.projectId), eq(spans.traceId, traces.traceId)))
      // An app's own query sees every project.
      .where(and(eq(traces.projectId, 'default'), eq(spans.kind, 'llm')))
      .groupBy(users.id)
      .orderBy(desc(sum(spans.totalTokens)))
  } finally {
    await client.end()
  }
}
