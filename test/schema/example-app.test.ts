import { mkdtemp } from 'node:fs/promises'
import { join, relative } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle as onSqlite } from 'drizzle-orm/better-sqlite3'
import { migrate as migrateSqlite } from 'drizzle-orm/better-sqlite3/migrator'
import { drizzle as onPostgres } from 'drizzle-orm/postgres-js'
import { migrate as migratePostgres } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { beforeAll, expect, inject } from 'vitest'
import { Migrator, openPool, openStore } from '../../src/index.ts'
import { type Backend, describeEmptyBackends, itExceptOn, type KnownDifference } from '../backends.ts'
import { root, runProgram } from './run-program.ts'

// examples/app is compiled against the package as it is published, types included, and run as an app would run it.
beforeAll(async () => {
  await runProgram('node_modules/typescript/bin/tsc', ['-p', 'examples/app'])
})

const noClickHouse: KnownDifference = {
  backend: 'clickhouse',
  because: 'an app’s own tables are on SQLite or PostgreSQL, where Drizzle has a dialect',
}

describeEmptyBackends('examples/app', (backend) => {
  itExceptOn(backend, noClickHouse)('joins its own tables with ours', async () => {
    const spend = await runProgram('build/app/main.js', [backend.url()])
    expect(JSON.parse(spend)).toEqual([
      { user: 'ada', plan: 'pro', calls: 2, tokens: 1450 },
      { user: 'ben', plan: 'free', calls: 1, tokens: 320 },
    ])
  })

  itExceptOn(backend, noClickHouse)(
    'generates one history of its tables and ours, which tracehold adopts',
    async () => {
      const url = await backend.fresh()
      await applyHistory[backend.name]?.(url, await generateHistory(backend.name))
      await expect(openStore(url)).rejects.toThrow(/version 0/)

      const pool = await openPool({ url })
      await new Migrator(pool).baseline()
      await pool.close()

      // Now it opens without migrating, and the app's tables serve writers and reads.
      const store = await openStore(url)
      await store.writers.spans.write({ traceId: 't', spanId: 's', name: 'n', startTime: new Date() })
      expect(await store.traces.get('t')).toMatchObject({ name: 'n', spanCount: 1 })
      await store.close()
    },
  )
})

async function generateHistory(engine: Backend['name']): Promise<string> {
  const folder = join(await mkdtemp(join(inject('servers').directory, 'app-')), engine)
  await runProgram('node_modules/drizzle-kit/bin.cjs', ['generate', '--config=examples/app/drizzle.config.ts'], {
    APP_DIALECT: engine,
    APP_MIGRATIONS: relative(root, folder),
  })
  return folder
}

/** An app applies its history with Drizzle's own migrator. */
const applyHistory: { [K in Backend['name']]?: (url: string, migrationsFolder: string) => Promise<void> } = {
  async sqlite(url, migrationsFolder) {
    const client = new Database(url.slice('sqlite:'.length))
    migrateSqlite(onSqlite(client), { migrationsFolder })
    client.close()
  },
  async postgres(url, migrationsFolder) {
    const client = postgres(url, { max: 1, onnotice: () => {} })
    await migratePostgres(onPostgres(client), { migrationsFolder })
    await client.end()
  },
}
