import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** An empty database for one suite. */
export interface TestDatabase {
  url: string
  /** Ends what is still connected to it, and removes it. */
  drop(): Promise<void>
}

/** Creates an empty database on the run's PostgreSQL, or on the server of `serverUrl`; its name tells the run. */
export async function createDatabase(
  serverUrl = inject('servers').postgresUrl,
  run = inject('servers').run,
): Promise<TestDatabase> {
  const name = `${databasePrefix(run)}${randomBytes(6).toString('hex')}`
  // template0, since nobody can be connected to it: a template in use cannot be copied.
  await executePostgres(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    async drop() {
      await executePostgres(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/** How the names of all databases of a run begin. */
export function databasePrefix(run: string): string {
  return `tracehold_test_${run}_`
}

/** Runs SQL as the owner of a database might, without our pool. Rows are objects. */
export async function executePostgres(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
