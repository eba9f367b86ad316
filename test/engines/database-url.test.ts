import { describe, expect, it } from 'vitest'
import { parseDatabaseUrl, parseReplicaUrl, serverUrl } from '../../src/engines/database-url.ts'
import { ConfigError } from '../../src/index.ts'

describe('the URL of a database', () => {
  it.each([
    ['traces.db', '/srv/traces.db', 'sqlite:traces.db'],
    ['sqlite:traces.db', '/srv/traces.db', 'sqlite:traces.db'],
    ['sqlite:///var/traces.db', '/var/traces.db', 'sqlite:/var/traces.db'],
    ['file:traces.db', '/srv/traces.db', 'sqlite:traces.db'],
    ['chdb:traces', '/srv/traces', 'chdb:traces'],
    ['sqlite::memory:', undefined, 'sqlite::memory:'],
    ['POSTGRES://u@h/d', undefined, 'postgres://u@h/d'],
  ])('%s is in %s', (url, path, location) => {
    expect(parseDatabaseUrl(url, '/srv')).toMatchObject({ path, location })
  })

  it('says which driver it needs before anything is opened', () => {
    expect(parseDatabaseUrl('postgres://h/d').drivers).toEqual(['postgres', 'pg', 'pg-copy-streams'])
    expect(parseDatabaseUrl('traces.db').drivers).toEqual(['better-sqlite3'])
  })

  it('makes settings of its own', () => {
    const { settings } = parseDatabaseUrl('postgres://h/d?sslmode=require&connect_timeout=3')
    expect(settings).toMatchObject({ 'tls.mode': 'require', connectTimeoutMs: 3_000 })
    expect(parseDatabaseUrl('traces.db').settings).toBeUndefined()
  })

  it('of a replica is that of an engine that has replicas', () => {
    expect(parseReplicaUrl('postgres://replica/d').location).toBe('postgres://replica/d')
    for (const url of ['traces.db', 'sqlite:traces.db', 'clickhouse://h/d', 'mysql://h/d']) {
      expect(() => parseReplicaUrl(url)).toThrow(ConfigError)
    }
  })

  it.each([
    [{}, 'postgres://postgres@localhost:5432'],
    [{ host: 'a,b:7', database: 'd/e', user: 'u@x', password: 'p:w' }, 'postgres://u%40x:p%3Aw@a:5432,b:7/d%2Fe'],
    [{ host: '::1', port: 6 }, 'postgres://postgres@[::1]:6'],
    [{ host: '/run/sql' }, 'postgres://postgres@%2Frun%2Fsql:5432'],
  ])('is made of the pieces of an address: %j', (pieces, url) => {
    expect(serverUrl(pieces)).toBe(url)
  })
})
