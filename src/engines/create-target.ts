import { ClickHouseTarget } from './clickhouse/migrations.ts'
import type { MigrationTarget } from './migration-target.ts'
import type { Pool } from './pool.ts'
import { PostgresTarget } from './postgres/migrations.ts'
import { SqliteTarget } from './sqlite/migrations.ts'

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
