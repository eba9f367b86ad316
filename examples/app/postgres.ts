import { pgTable, text } from 'drizzle-orm/pg-core'

// tracehold's tables, for typed queries and for one history of migrations.
export * from 'tracehold/schema/postgres'

/** The app's own users, on PostgreSQL. */
export const users = pgTable('users', { id: text('id').primaryKey(), plan: text('plan').notNull() })
