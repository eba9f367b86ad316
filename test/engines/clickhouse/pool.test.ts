import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import type { ClickHousePool } from '../../../src/engines/clickhouse/pool.ts'
import { parseClickHouseUrl } from '../../../src/engines/clickhouse/url.ts'
import { parseDatabaseUrl } from '../../../src/engines/database-url.ts'
import { ConfigError, ConnectionError, openPool, openStore, PoolError } from '../../../src/index.ts'
import { createEmbeddedDatabase } from '../../servers/clickhouse.ts'
import { thrown } from '../thrown.ts'

const open = async (url: string) => (await openPool({ url })) as ClickHousePool

describe('the URL of a ClickHouse database', () => {
  it.each([
    ['clickhouse://h', 'http://h:8123/', 'tracehold', 'clickhouse://h:8123/tracehold'],
    ['clickhouse://u:p%40@h:81/d', 'http://u:p%40@h:81/', 'd', 'clickhouse://u@h:81/d'],
    ['clickhouse://h:80/d', 'http://h/', 'd', 'clickhouse://h:80/d'],
    ['clickhouses://u:p@h/d', 'https://u:p@h:8443/', 'd', 'clickhouses://u@h:8443/d'],
    ['clickhouse://u:p@h/d?secure=true', 'https://u:p@h:8443/', 'd', 'clickhouses://u@h:8443/d'],
    ['clickhouse://h/d?secure=false', 'http://h:8123/', 'd', 'clickhouse://h:8123/d'],
  ])('%s', (url, server, database, location) => {
    expect(parseClickHouseUrl(url)).toEqual({ address: { url: server, database }, location })
    expect(parseDatabaseUrl(url)).toMatchObject({ location, path: undefined, drivers: ['@clickhouse/client'] })
  })

  it.each([
    ['chdb:./ch', '/srv/ch', 'tracehold', 'chdb:./ch'],
    ['chdb:/data/ch?database=d', '/data/ch', 'd', 'chdb:/data/ch?database=d'],
    ['chdb:///data/ch', '/data/ch', 'tracehold', 'chdb:/data/ch'],
  ])('%s', (url, path, database, location) => {
    expect(parseClickHouseUrl(url, '/srv')).toEqual({ address: { path, database }, location })
    expect(parseDatabaseUrl(url, '/srv')).toMatchObject({ location, path, drivers: ['@clickhouse/client', 'chdb'] })
  })

  it.each([
    ['clickhouse://', /Write clickhouse:\/\/USER:PASSWORD@HOST:8123\/DATABASE/],
    ['clickhouse:///d', /Write clickhouse:\/\/USER/],
    ['clickhouse://u:secret@h:port/d', /Write clickhouse:\/\/USER/],
    ['clickhouse://u:secret@h/d?secure=maybe', /Write clickhouse:\/\/USER/],
    ['clickhouse://u:secret%et@h/d', /percent-encode/],
    ['clickhouse://h/secret%zz', /percent-encode/],
    ['clickhouse://u:secret@h/d?colour=red', /unknown parameter. Accepted: secure, access_token/],
    ['clickhouse://h/d?password=secret', /unknown parameter. Accepted: secure, access_token/],
    ['chdb:', /names no directory/],
    ['chdb:./ch?colour=red', /takes \?database=NAME/],
  ])('%s says what to write', (url, message) => {
    const parse = () => parseDatabaseUrl(url)
    expect(parse).toThrow(ConfigError)
    expect(parse).toThrow(message)
    expect(parse).not.toThrow(/secret/)
  })

  it.each(['ch_max_threads=1', 'access_token=t', 'http_header_X-Key=1'])('takes ?%s', async (parameter) => {
    await (await openPool({ url: `clickhouse://h/d?${parameter}` })).close()
  })
})

describe('the embedded ClickHouse', () => {
  it('serves several pools on one directory, each with its database, until the last is closed', async () => {
    const { url } = await createEmbeddedDatabase()
    const [one, two] = [await open(url), await open(url)]
    await one.command('create table t (a Int64) engine = MergeTree order by a')
    await one.close()
    expect(await two.rows('select count() from t', [])).toEqual([[0]])
    const other = await open((await createEmbeddedDatabase()).url)
    expect(await thrown(other.rows('select count() from t', []))).toMatchObject({ code: 'query' })
    await Promise.all([two.close(), other.close()])
    expect(await thrown(two.rows('select 1', []))).toBeInstanceOf(PoolError)
  })

  it('says that a process has one directory', async () => {
    const pool = await open((await createEmbeddedDatabase()).url)
    const error = await thrown(openPool({ url: `chdb:${join(inject('servers').directory, 'another')}` }))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(/another directory .* Close that store first/)
    await pool.close()
  })

  it('says that a directory has one process', async () => {
    const { url } = await createEmbeddedDatabase()
    const program = `import { openStore } from 'tracehold'
      await openStore(${JSON.stringify(url)}, { migrate: true }).catch((error) => console.log(error.name, error.message))`
    const root = join(import.meta.dirname, '../../..')
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' })
    expect(child.stdout).toMatch(/^ConnectionError .*another process has this directory open/)
  })

  it('says that a directory cannot be made', async () => {
    const error = await thrown(openPool({ url: `chdb:${import.meta.filename}/here` }))
    expect(error).toBeInstanceOf(ConnectionError)
  })

  it('does not hold up a statement for one that takes long, until three run', async () => {
    const pool = await open((await createEmbeddedDatabase()).url)
    const ended: string[] = []
    const run = async (name: string, statement: string) => {
      await pool.rows(statement, [])
      ended.push(name)
    }
    const long = [1, 2].map((i) => run(`long ${i}`, `select sleepEachRow(0.5), ${i}`))
    await run('short', 'select 1')
    expect(ended).toEqual(['short'])
    const running = [...long, ...[3, 4].map((i) => run(`long ${i}`, `select sleepEachRow(0.5), ${i}`))]
    expect(pool.stats()).toMatchObject({ max: 3, active: 3, waiting: 1 })
    await Promise.all(running)
    await pool.close()
  })

  it("lets a cluster's shards ask each other", async () => {
    const pool = await open((await createEmbeddedDatabase()).url)
    expect(await pool.rows("select getSetting('distributed_product_mode')", [])).toEqual([['global']])
    await pool.close()
  })

  it('takes batches through files of its own folder, and takes away those of a process that died', async () => {
    const { url } = await createEmbeddedDatabase()
    const folder = join(/^chdb:([^?]*)/.exec(url)?.[1] ?? '', 'tracehold-inserts')
    const left = join(folder, 'left.bin')
    await (await open(url)).close()
    writeFileSync(left, 'a prompt')
    utimesSync(left, 0, 0)
    const pool = await open(url)
    expect(existsSync(left)).toBe(false)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    await pool.command('create table words (word String) engine = MergeTree order by word')
    // One block of one column with one row.
    const block = Buffer.from('\x01\x01\x04word\x06String\x02hi')
    const chunks = (async function* () {
      yield block.subarray(0, 1)
      await expect.poll(() => readdirSync(folder)).toHaveLength(1)
      yield block.subarray(1)
    })()
    await pool.insertBinary('words', ['word'], chunks)
    expect(await pool.rows('select word from words', [])).toEqual([['hi']])
    expect(readdirSync(folder)).toEqual([])
    await pool.close()
  })

  it('gives values as rows have them', async () => {
    const pool = await open((await createEmbeddedDatabase()).url)
    const asked = `select {p0:String}, {p1:Int64}, {p2:Float64}, {p3:Nullable(String)}, {p4:Bool},
      toDateTime64('2026-11-20 10:03:00.1', 6, 'UTC'), toInt64(9007199254740991)`
    const text = 'tab\tline\nquote\'"\\ null\\N ünï 🚀'
    expect(await pool.rows(asked, [text, 2 ** 53 - 1, 1.5e300, null, true])).toEqual([
      [text, 2 ** 53 - 1, 1.5e300, null, true, '2026-11-20T10:03:00.100000Z', 9007199254740991],
    ])
    await pool.close()
  })

  it('stops a statement that takes too long', async () => {
    const { url } = await createEmbeddedDatabase()
    const pool = await openPool({ url, statementTimeoutMs: 1000 })
    const error = await thrown(pool.rows('select count() from numbers(100000000000) where sipHash64(number) = 1', []))
    expect(error).toMatchObject({ code: 'timeout', recovery: 'retry' })
    await pool.close()
  })

  it.each([{ maxConnections: 0 }, { statementTimeoutMs: 0.5 }])('refuses %o', async (options) => {
    const { url } = await createEmbeddedDatabase()
    expect(await thrown(openPool({ url, ...options }))).toBeInstanceOf(ConfigError)
  })

  it('opens where nothing is yet, with tables on request', async () => {
    const { url } = await createEmbeddedDatabase()
    expect(await thrown(openStore(url))).toMatchObject({ code: 'migration' })
    await (await openStore(url, { migrate: true })).close()
    await (await openStore(url)).close()
  })
})
