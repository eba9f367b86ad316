import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, it } from 'vitest'
import { openPool } from '../src/index.ts'
import { type Backend, describeBackends } from './backends.ts'
import { executeClickHouse } from './servers/clickhouse.ts'
import { createDatabase, executePostgres } from './servers/databases.ts'

const execute: Record<Backend['name'], (url: string, sql: string) => Promise<unknown[]>> = {
  async sqlite(url, sql) {
    const database = new Database(url.slice('sqlite:'.length))
    try {
      const statement = database.prepare(sql)
      return statement.reader ? statement.all() : [statement.run()]
    } finally {
      database.close()
    }
  },
  postgres: executePostgres,
  clickhouse: executeClickHouse,
}

const urls: Record<Backend['name'], RegExp> = {
  sqlite: /^sqlite:\/.+\.db$/,
  postgres: /^postgres:\/\/.+:.+@.+:\d+\/.+$/,
  clickhouse: /^chdb:\/.+\?database=\w+$/,
}
const columnOfMine: Record<Backend['name'], string> = {
  sqlite: '(id int)',
  postgres: '(id int)',
  clickhouse: '(id int) engine = Memory',
}

describeBackends('describeBackends', (backend) => {
  const run = (url: string, sql: string) => execute[backend.name](url, sql)

  it('hands out a URL that the engine opens', async () => {
    expect(backend.url()).toMatch(urls[backend.name])
    expect(await run(backend.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('keeps one database for the whole suite and makes others on request', async () => {
    await run(backend.url(), `CREATE TABLE mine ${columnOfMine[backend.name]}`)
    const other = await backend.fresh()
    expect(other).not.toBe(backend.url())
    await run(other, `CREATE TABLE mine ${columnOfMine[backend.name]}`)
    expect(await run(backend.url(), 'SELECT id FROM mine')).toEqual([])
  })
})

describeBackends('describeBackends, another suite', (backend) => {
  it('starts empty', async () => {
    await expect(execute[backend.name](backend.url(), 'SELECT id FROM mine')).rejects.toThrow(/mine/)
  })
})

const seen: string[] = []

describeBackends('describeBackends, a suite that leaves a connection open', (backend) => {
  it('opens it', async () => {
    seen.push(backend.url())
    if (backend.name === 'sqlite') new Database(backend.url().slice('sqlite:'.length)).prepare('SELECT 1').all()
    else if (backend.name === 'clickhouse') await (await openPool({ url: backend.url() })).health()
    else {
      const client = new pg.Client(backend.url())
      client.on('error', () => {})
      await client.connect()
    }
  })
})

it('the databases of finished suites are gone', async () => {
  const [file, database, embedded] = seen
  expect(existsSync(String(file).slice('sqlite:'.length))).toBe(false)
  await expect(execute.postgres(String(database), 'SELECT 1')).rejects.toMatchObject({ code: '3D000' })
  if (embedded)
    await expect(execute.clickhouse(embedded, 'SELECT 1')).rejects.toMatchObject({ type: 'UNKNOWN_DATABASE' })
})

it('a database can be dropped twice', async () => {
  const database = await createDatabase()
  await database.drop()
  await expect(database.drop()).resolves.toBeUndefined()
})
