import { sqliteTable, text } from 'drizzle-orm/sqlite-core'

// tracehold's tables, for typed queries and for one history of migrations.
export * from 'tracehold/schema/sqlite'

/** The app's own users, on SQLite. */
export const users = sqliteTable('users', { id: text('id').primaryKey(), plan: text('plan').notNull() })
