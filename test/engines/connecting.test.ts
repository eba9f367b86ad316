import { cp, mkdtemp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { driverError, loadDrivers } from '../../src/engines/load-driver.ts'
import { PostgresPool } from '../../src/engines/postgres/pool.ts'
import { checkSqliteAddon } from '../../src/engines/sqlite/drivers.ts'
import { ConfigError, ConnectionError, openPool, openStore, type Pool, StorageError } from '../../src/index.ts'
import { createDatabase } from '../servers/databases.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'
import { thrown } from './thrown.ts'

const select = (pool: Pool) => pool.db.select({ id: pool.tables.traces.traceId }).from(pool.tables.traces)
const secret = 'hunter2%40%3A'

/** A read through postgres.js, a write through pg, and a health check, all of which must tell the same. */
async function failures(target: string): Promise<StorageError[]> {
  const pool = await openPool({ url: target, connectTimeoutMs: 500, statementTimeoutMs: 500 })
  if (!(pool instanceof PostgresPool)) throw new Error('not postgres')
  const read = await thrown(select(pool))
  const written = await thrown(pool.transaction('write', async () => {}))
  const health = await pool.health()
  await pool.close(100)
  expect(health).toMatchObject({ ok: false, error: expect.stringMatching(/^Could not query postgres:/) })
  // Drizzle wraps what a read throws.
  const errors = [read.cause ?? read, written]
  for (const error of errors) expect(error).toBeInstanceOf(StorageError)
  return errors as StorageError[]
}

describe('connecting to PostgreSQL', () => {
  it('opens nothing before the first call', async () => {
    const pool = await openPool({ url: 'postgres://nobody@127.0.0.1:1/nothing' })
    expect(pool.stats()).toMatchObject({ max: 10, active: 0, waiting: 0 })
    await pool.close()
  })

  it.each<[string, Partial<URL>, string | RegExp, RegExp, boolean]>([
    ['a wrong password', { password: secret }, '28P01', /user and the password/, false],
    ['an unknown user', { username: 'nobody' }, '28P01', /user and the password/, false],
    ['an unknown database', { pathname: '/nothing' }, '3D000', /Create the database/, false],
    ['a port where nothing listens', { port: '1' }, 'ECONNREFUSED', /Is the server running/, true],
    ['an unknown host', { hostname: 'no.invalid' }, /ENOTFOUND|EAI_AGAIN/, /host name/, true],
  ])('says what to do about %s', async (_, change, driverCode, advice, retryable) => {
    const url = Object.assign(new URL(inject('servers').postgresUrl), change).href
    for (const error of await failures(url)) {
      expect(error).toBeInstanceOf(ConnectionError)
      expect(error).toMatchObject({ code: 'connection', retryable, message: expect.stringMatching(advice) })
      expect(error.cause).toMatchObject({ driverCode: expect.stringMatching(driverCode) })
      expect(error.message).not.toContain(decodeURIComponent(secret))
      expect(error.message).not.toContain(secret)
    }
  })

  it('gives up on a server that accepts and never answers', async () => {
    const proxy = await TcpProxy.open(inject('servers').postgresUrl)
    proxy.blackhole()
    const started = performance.now()
    for (const error of await failures(proxy.url)) {
      expect(error.code).toMatch(/^(connection|timeout)$/)
      expect(error.retryable).toBe(true)
    }
    expect(performance.now() - started).toBeLessThan(5_000)
    await proxy.close()
  })

  it('leaves no connection behind when openStore fails', async () => {
    const database = await createDatabase()
    const proxy = await TcpProxy.open(database.url)
    await expect(openStore(proxy.url)).rejects.toThrow(/version 0/)
    await expect.poll(() => proxy.connections).toBe(0)
    await proxy.close()
    await database.drop()
  })

  it.each([1, 0, -1, 2.5, Number.NaN])('refuses a budget of %s connections', async (maxConnections) => {
    await expect(openPool({ url: 'postgres://app@127.0.0.1/app', maxConnections })).rejects.toThrow(ConfigError)
  })
})

/** The loader of a driver that is not installed. */
const missing = (name: string): [string, () => Promise<unknown>] => [
  name,
  () =>
    import(name).catch((error) => {
      throw driverError(name, error)
    }),
]

describe('drivers', () => {
  it('that are not installed are named, with the command that installs them', async () => {
    const error = await thrown(loadDrivers(missing('no-such-driver')))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toBe("The driver 'no-such-driver' is not installed. Run: npm install no-such-driver")
  })

  it('that an engine needs together are named together', async () => {
    const several = loadDrivers(missing('no-such-driver'), ['pg', () => import('pg')], missing('no-other-driver'))
    await expect(several).rejects.toThrow(
      /'no-such-driver', 'no-other-driver' are not installed. Run: npm install no-such-driver no-other-driver$/,
    )
    const [pg] = await loadDrivers(['pg', () => import('pg')])
    expect(pg).toHaveProperty('Client')
  })

  it('that do not load are told apart from missing ones', async () => {
    expect(driverError('better-sqlite3', new Error('wrong ABI')).message).toBe(
      "The driver 'better-sqlite3' is installed, but it cannot be loaded. Run: npm rebuild better-sqlite3",
    )
  })

  it('whose install script did not run are one sentence with the command that mends it', async () => {
    const folder = await mkdtemp(join(inject('servers').directory, 'addon-'))
    const [from, to] = [join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules')]
    for (const part of ['better-sqlite3/lib', 'better-sqlite3/package.json', 'bindings', 'file-uri-to-path']) {
      await cp(join(from, part), join(to, part), { recursive: true })
    }
    const Database = createRequire(join(folder, 'index.js'))('better-sqlite3')
    const cause = await thrown(Promise.resolve().then(() => new Database(':memory:')))
    expect(driverError('better-sqlite3', cause, 'npm').message).toBe(
      "The driver 'better-sqlite3' is installed, but its addon is missing: its install script did not run. " +
        'Run: npm rebuild better-sqlite3 (npm 12 and newer: npm install-scripts approve better-sqlite3 before it)',
    )
    expect(driverError('better-sqlite3', cause, 'pnpm').message).toMatch(/Run: pnpm approve-builds, choose better/)
  })

  it('built for another Node say so', () => {
    const cause = new Error('was compiled against a different Node.js version using NODE_MODULE_VERSION 115')
    expect(driverError('better-sqlite3', cause, 'npm').message).toBe(
      `The driver 'better-sqlite3' is installed, but was built for another Node than this (${process.versions.node}). ` +
        'Run: npm rebuild better-sqlite3',
    )
  })

  it('better-sqlite3 13 is refused on Node 20, where it would crash the process', () => {
    expect(() => checkSqliteAddon('20.19.0', '13.0.1')).toThrow(ConfigError)
    expect(() => checkSqliteAddon('20.19.0', '13.0.1')).toThrow(/npm install better-sqlite3@12/)
    expect(() => checkSqliteAddon('20.19.0', '12.11.1')).not.toThrow()
    expect(() => checkSqliteAddon('22.1.0', '13.0.1')).not.toThrow()
    expect(() => checkSqliteAddon('24.0.0', '12.11.1')).not.toThrow()
  })
})
