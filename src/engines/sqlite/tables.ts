import type { KeptUsageTable } from '../../../schema/kept-usage.ts'
import * as sqliteTables from '../../../schema/sqlite.ts'
import type { PendingUsageTable, Tables } from '../../../schema/tables.ts'

/**
 * The tables in the types of PostgreSQL's, which repositories are written in. This assertion and that of the pool's `db`
 * let one repository class serve every engine: see the SQLite kit.
 */
export const tables = sqliteTables as unknown as Tables
export const keptUsageTable = sqliteTables.keptUsage as unknown as KeptUsageTable
export const pendingUsage = sqliteTables.pendingUsage as unknown as PendingUsageTable
