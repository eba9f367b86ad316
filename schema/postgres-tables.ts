import { postgresKit } from './kit/postgres.ts'
import { defineTables } from './tables.ts'

/** The PostgreSQL tables, by name. */
export const postgresTables = defineTables(postgresKit)
