// Fixture: three questions for an engine, and an import from an engine's folder.
import { copyBlocks } from '../engines/postgres/copy.ts'

const rowsOfPage: Record<string, number> = { sqlite: 100 }

export function pageSize(pool: { engine: string; location: string }): number {
  if (pool.engine === 'clickhouse') return 1000
  switch (pool.location) {
    case 'postgres':
      return copyBlocks([])
  }
  return rowsOfPage[pool.engine] ?? 1
}
