import { eq } from 'drizzle-orm'
import type { Store } from '../../src/index.ts'

/** The tables that OTLP goes into. */
export const otlpTables = ['traces', 'spans', 'events', 'results', 'metrics', 'metricPoints', 'logs'] as const

/** What tells one project, one moment or one place in a table from another. */
const stamps = ['writtenAt', 'createdAt', 'updatedAt', 'commitSeq', 'authoredStamps']
const incidental = ['projectId', 'derived', 'rowNumber', ...stamps]

/** All rows of a project, by table, in one order, without what is incidental. */
export async function storedTables(store: Store, projectId = store.projectId): Promise<Record<string, object[]>> {
  const entries = otlpTables.map(async (name) => {
    const table = store.tables[name]
    const rows: object[] = await store.db.select().from(table).where(eq(table.projectId, projectId))
    const shown = rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([column]) => !incidental.includes(column))),
    )
    const keyed = shown.map((row) => ({ row, key: JSON.stringify(row) }))
    return [name, keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ row }) => row)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}
