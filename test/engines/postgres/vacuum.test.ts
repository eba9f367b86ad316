import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore } from '../../../src/index.ts'
import { createDatabase, executePostgres } from '../../servers/databases.ts'

const migration = readFileSync(join(import.meta.dirname, '../../../drizzle/postgres/0010_autovacuum.sql'), 'utf8')

interface Settings {
  relname: string
  options: string
}

// Only PostgreSQL is vacuumed.
it('tables are vacuumed after a fixed part of their rows, unless somebody says otherwise', async () => {
  const database = await createDatabase()
  try {
    await (await openStore(database.url, { migrate: true })).close()
    const query = `select relname, reloptions::text as options from pg_class
      where relnamespace = 'tracehold'::regnamespace and relkind = 'r' and reloptions is not null order by relname`
    const before = (await executePostgres(database.url, query)) as Settings[]
    expect(before.map(({ relname }) => relname)).toEqual([
      'events',
      'logs',
      'metric_points',
      'pending_usage',
      'results',
      'spans',
      'traces',
    ])
    for (const { options } of before) expect(options).toContain('autovacuum_vacuum_scale_factor=0.01')
    await executePostgres(database.url, 'alter table tracehold.spans reset (autovacuum_vacuum_scale_factor)')
    await executePostgres(database.url, 'alter table tracehold.spans set (autovacuum_vacuum_scale_factor = 0.3)')
    await executePostgres(database.url, migration)
    const after = (await executePostgres(database.url, query)) as Settings[]
    expect(after.find(({ relname }) => relname === 'spans')?.options).toContain('autovacuum_vacuum_scale_factor=0.3')
  } finally {
    await database.drop()
  }
})
