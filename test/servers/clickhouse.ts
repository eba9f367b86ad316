import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import type { Session } from 'chdb'
import { inject } from 'vitest'
import { startClickHouseProcess } from './clickhouse-process.ts'

/** ClickHouse's engine in a process of its own, behind HTTP. */
export interface ClickHouseServer {
  readonly port: number
  /** Of a database on it, which may not be there. */
  url(database: string): string
  /** Creates an empty database. */
  create(): Promise<string>
  stop(): Promise<void>
}

/**
 * Starts a server on an empty directory.
 *
 * @param password what the user `default` must give. @default none
 */
export async function startClickHouse(password = ''): Promise<ClickHouseServer> {
  const directory = await mkdtemp(join(inject('servers').directory, 'clickhouse-'))
  const { port, stop } = await startClickHouseProcess(directory, password)
  const url = (database: string) => `clickhouse://default:${password}@127.0.0.1:${port}/${database}`
  let databases = 0
  return {
    port,
    url,
    async create() {
      const name = `test_${databases++}`
      await executeClickHouse(url('default'), `CREATE DATABASE ${name}`)
      return url(name)
    },
    async stop() {
      await stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Keeps the engine of this process: without a session it ends, and would be started for each suite anew. */
let keeper: Session | undefined

/** Creates an empty database of the engine in this process, which has one directory. */
export async function createEmbeddedDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { Session } = await import('chdb')
  keeper ??= new Session(join(inject('servers').directory, `clickhouse-${process.pid}`))
  const session = keeper
  const name = `test_${randomBytes(6).toString('hex')}`
  await session.queryAsync(`CREATE DATABASE ${name}`)
  return {
    url: `chdb:${session.path}?database=${name}`,
    async drop() {
      await session.queryAsync(`DROP DATABASE IF EXISTS ${name} SYNC`)
    },
  }
}

/** A further database of that engine, with the tables of another one and the record of its migrations. */
export async function copyEmbeddedDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const [source = ''] = url.split('database=').slice(1)
  const created = await createEmbeddedDatabase()
  const [target = ''] = created.url.split('database=').slice(1)
  const tables = (await executeClickHouse(
    url,
    `SELECT name, create_table_query AS statement FROM system.tables WHERE database = '${source}'`,
  )) as { name: string; statement: string }[]
  for (const { name, statement } of tables) {
    await keeper?.queryAsync(statement.replace(`${source}.${name}`, `${target}.${name}`))
  }
  await keeper?.queryAsync(`INSERT INTO ${target}.migrations SELECT * FROM ${source}.migrations`)
  return created
}

/** Runs SQL as the owner of a database might, without our pool. Rows are objects. */
export async function executeClickHouse(url: string, sql: string): Promise<unknown[]> {
  const client = await connect(url)
  try {
    const statements = sql.replaceAll(/^--.*$/gm, '').split(';')
    if (/^\s*select/i.test(sql)) return await (await client.query({ query: sql, format: 'JSONEachRow' })).json()
    for (const query of statements) if (query.trim() !== '') await client.command({ query })
    return []
  } finally {
    await client.close()
  }
}

async function connect(url: string) {
  const log = { level: 127 } as const
  if (!url.startsWith('chdb:')) return createClient({ url: url.replace(/^clickhouse/, 'http'), log })
  const { createChdbConnection } = await import('chdb/connection')
  const [path = '', database = ''] = url.slice('chdb:'.length).split('?database=')
  // The same interface, declared by two packages.
  const connection = createChdbConnection({ path }) as never
  const client = createClient({ connection, log })
  await client.command({ query: `USE ${database}` })
  return client
}
