import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** An empty database for one suite. */
export interface TestDatabase {
  url: string
  /** Ends what is still connected to it, and removes it. */
  drop(): Promise<void>
}

/**
 * Creates a database on the run's PostgreSQL, or on the server of `serverUrl`; its name tells the run. It is a copy of
 * `template`, to which nobody may be connected. @default an empty one
 */
export async function createDatabase({
  serverUrl = inject('servers').postgresUrl,
  run = inject('servers').run,
  // Not template1, to which somebody could be connected.
  template = 'template0',
}: {
  serverUrl?: string
  run?: string
  template?: string
} = {}): Promise<TestDatabase> {
  const name = `${databasePrefix(run)}${randomBytes(6).toString('hex')}`
  await executePostgres(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    async drop() {
      await executePostgres(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/** The name of the database that a URL leads to. */
export const databaseOf = (url: string): string => new URL(url).pathname.slice(1)

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
