import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { PostgresPool } from '../../../src/engines/postgres/pool.ts'
import { openPool, type PoolOptions } from '../../../src/index.ts'
import { createDatabase, type TestDatabase } from '../../servers/databases.ts'

/** A PostgreSQL database for the tests of a `describe`, and a session beside the pools that sees what they open there. */
export function observedDatabase(applicationName: string) {
  let database: TestDatabase
  let observer: pg.Client
  beforeAll(async () => {
    database = await createDatabase()
    observer = new pg.Client(database.url)
    await observer.connect()
  })
  afterAll(async () => {
    await observer.end()
    await database.drop()
  })
  return {
    async open(options: Partial<PoolOptions> = {}) {
      const pool = await openPool({ url: database.url, applicationName, ...options })
      if (!(pool instanceof PostgresPool)) throw new Error('not postgres')
      return pool
    },
    /** The server's processes that serve the pools. */
    async sessions(): Promise<number[]> {
      const text = 'select pid::int from pg_stat_activity where application_name = $1'
      return (await observer.query<{ pid: number }>(text, [applicationName])).rows.map(({ pid }) => pid)
    },
  }
}
