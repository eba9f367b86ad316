import type { Pool } from '../pool/pool.ts'
import { ClickHouseTarget } from './clickhouse.ts'
import { PostgresTarget } from './postgres.ts'
import { SqliteTarget } from './sqlite.ts'
import type { MigrationTarget } from './target.ts'

/** The migration target of a pool's engine. */
export function createMigrationTarget(pool: Pool): MigrationTarget {
  switch (pool.engine) {
    case 'sqlite':
      return new SqliteTarget(pool)
    case 'postgres':
      return new PostgresTarget(pool)
    case 'clickhouse':
      return new ClickHouseTarget(pool)
  }
}
