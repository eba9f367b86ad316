import { describe, expect, it } from 'vitest'
import { loadConfig, readConfig } from '../../src/config/load-config.ts'
import { openPool, openStore } from '../../src/index.ts'
import { locationWith } from './location-with.ts'

const sourceOf = (...args: Parameters<typeof readConfig>) => {
  const { entries, error } = readConfig(...args)
  if (error) throw error
  return (key: string) => entries.find(({ setting }) => setting.key === key)?.source
}

describe('where values come from', () => {
  it('is nowhere at first: every setting has its default', () => {
    const config = loadConfig({}, locationWith())
    expect(config).toMatchObject({
      url: 'sqlite:.tracehold/traces.db',
      maxConnections: 10,
      minConnections: 5,
      connectTimeoutMs: 10_000,
      idleTimeoutMs: 300_000,
      maxLifetimeMs: 1_800_000,
      statementTimeoutMs: 30_000,
      applicationName: 'tracehold',
      tls: { mode: 'prefer' },
      retry: { maxAttempts: 3, initialDelayMs: 100, maxDelayMs: 5_000, multiplier: 2 },
      redis: undefined,
      cache: undefined,
      projectId: 'default',
      migrate: false,
      exporters: [],
    })
  })

  it('gives Redis and the cache where they are asked for', () => {
    const env = { REDIS_URL: 'redis://r', TRACEHOLD_CACHE: '1' }
    const { redis, cache } = loadConfig({}, locationWith({}, env))
    expect(redis).toEqual({ url: 'redis://r', poolSize: 10, timeoutMs: 5_000, prefix: 'tracehold' })
    expect(cache).toMatchObject({ ttlMs: 30_000, shared: true })
  })

  it('is options, then the environment, then .env, then the file', () => {
    const files = { '.env': 'DB_MAX_CONNECTIONS=13\n', 'tracehold.config.yaml': 'pool: { max_connections: 14 }' }
    const env = { DB_MAX_CONNECTIONS: '12' }
    expect(loadConfig({ maxConnections: 11 }, locationWith(files, env)).maxConnections).toBe(11)
    expect(loadConfig({}, locationWith(files, env)).maxConnections).toBe(12)
    expect(loadConfig({}, locationWith(files)).maxConnections).toBe(13)
    const onlyFile = locationWith({ 'tracehold.config.yaml': files['tracehold.config.yaml'] })
    expect(loadConfig({}, onlyFile).maxConnections).toBe(14)
    const source = sourceOf({ maxConnections: 11, retry: { maxAttempts: 1 } }, locationWith(files, env))
    expect([source('maxConnections'), source('retry.maxAttempts'), source('idleTimeoutMs')]).toEqual([
      'maxConnections (options)',
      'retry.maxAttempts (options)',
      'default',
    ])
    expect(sourceOf({}, locationWith(files, env))('maxConnections')).toBe('DB_MAX_CONNECTIONS (environment)')
    expect(sourceOf({}, locationWith(files))('maxConnections')).toBe('DB_MAX_CONNECTIONS (.env)')
    expect(sourceOf({}, onlyFile)('maxConnections')).toBe('pool.max_connections (tracehold.config.yaml)')
  })

  it('takes an empty variable, and an undefined option, for none', () => {
    const location = locationWith({}, { DATABASE_URL: '', DB_PORT: '', DB_MAX_CONNECTIONS: '' })
    expect(loadConfig({ url: undefined, maxConnections: undefined }, location)).toMatchObject({
      url: 'sqlite:.tracehold/traces.db',
      maxConnections: 10,
    })
  })
})

describe('what is loaded', () => {
  it('opens a pool and a store as it is', async () => {
    const config = loadConfig({ url: 'sqlite::memory:', migrate: true }, locationWith())
    const pool = await openPool(config)
    expect(await pool.health()).toMatchObject({ ok: true })
    await pool.close()
    const store = await openStore(config.url, config)
    expect(await store.traces.list()).toMatchObject({ items: [] })
    await store.close()
  })
})

describe('the database', () => {
  const url = (options: object, env: Record<string, string>, files: Record<string, string> = {}) =>
    loadConfig(options, locationWith(files, env)).url

  it('is the option, then TRACEHOLD_URL, then DATABASE_URL, then DB_*', () => {
    const env = { TRACEHOLD_URL: 'sqlite:a.db', DATABASE_URL: 'sqlite:b.db', DB_HOST: 'c' }
    expect(url({ url: 'sqlite:o.db' }, env)).toBe('sqlite:o.db')
    expect(url({}, env)).toBe('sqlite:a.db')
    expect(url({}, { ...env, TRACEHOLD_URL: '' })).toBe('sqlite:b.db')
    expect(url({}, { DB_HOST: 'c' })).toBe('postgres://postgres@c:5432')
  })

  it.each<[Record<string, string>, string]>([
    [{ DB_PASSWORD: 'p@ss:/#' }, 'postgres://postgres:p%40ss%3A%2F%23@localhost:5432'],
    [{ DB_USER: 'app' }, 'postgres://app@localhost:5432'],
    [{ DB_NAME: 'traces of all' }, 'postgres://postgres@localhost:5432/traces%20of%20all'],
    [{ DB_PORT: '6543' }, 'postgres://postgres@localhost:6543'],
    [{ DB_MAX_CONNECTIONS: '4' }, 'postgres://postgres@localhost:5432'],
    [{ DB_RETRY_MAX_ATTEMPTS: '4' }, 'postgres://postgres@localhost:5432'],
    [{ DB_SSL_MODE: 'require' }, 'postgres://postgres@localhost:5432'],
    [{ DB_HOST: '::1', DB_PORT: '1' }, 'postgres://postgres@[::1]:1'],
    [{ DB_HOST: '/run/postgresql', DB_NAME: 'd' }, 'postgres://postgres@%2Frun%2Fpostgresql:5432/d'],
    [{ DB_HOST: 'a,b:7', DB_PORT: '9' }, 'postgres://postgres@a:9,b:7'],
  ])('of %o is %s', (env, expected) => {
    expect(url({}, env)).toBe(expected)
  })

  it('joins its pieces from all sources', () => {
    const file = { 'tracehold.config.toml': '[postgres]\nhost = "db"\nusername = "app"\ndatabase = "d"\n' }
    expect(url({}, { DB_PASSWORD: 'x' }, file)).toBe('postgres://app:x@db:5432/d')
    expect(url({}, { DB_HOST: 'other' }, file)).toBe('postgres://app@other:5432/d')
  })

  it('of a file stays where the environment says only who comes', () => {
    const file = { 'tracehold.config.json': '{"url": "postgres://app@db/d"}' }
    expect(url({}, { DB_PASSWORD: 'x', DB_MAX_CONNECTIONS: '4' }, file)).toBe('postgres://app@db/d')
    expect(url({}, { DB_HOST: 'other' }, file)).toBe('postgres://postgres@other:5432')
  })

  it('says more about itself than DB_* does, and less than an option', () => {
    const env = {
      DATABASE_URL: 'postgres://app@db/d?sslmode=verify-full&application_name=mine&connect_timeout=3',
      DB_SSL_MODE: 'disable',
    }
    expect(loadConfig({}, locationWith({}, env))).toMatchObject({
      tls: { mode: 'verify-full' },
      applicationName: 'mine',
      connectTimeoutMs: 3_000,
    })
    expect(loadConfig({ tls: { mode: 'require' } }, locationWith({}, env)).tls.mode).toBe('require')
    expect(loadConfig({ url: 'postgres://db/d?sslmode=require' }, locationWith({}, env)).tls.mode).toBe('require')
  })
})

describe('a configuration file', () => {
  const yaml = `
postgres:
  host: db.example
  port: 6432
  database: traces
  username: app
  password: \${SECRET}
  ssl_mode: require
redis:
  url: redis://cache:6379/1
pool:
  max_connections: \${MAX}
  min_connections: 2
  connect_timeout_secs: 2.5
exporters:
  - name: clickhouse
    config: { dsn: 'http://\${SECRET}@ch', batch_size: 5, keepMe: null }
`
  const toml = `
[postgres]
host = "db.example"
port = 6432
database = "traces"
username = "app"
password = "\${SECRET}"
sslMode = "require"
[redis]
url = "redis://cache:6379/1"
[pool]
maxConnections = "\${MAX}"
minConnections = 2
connectTimeoutSecs = 2.5
[[exporters]]
name = "clickhouse"
config = { dsn = "http://\${SECRET}@ch", batch_size = 5 }
`
  const json = JSON.stringify({
    url: `postgres://app:\${SECRET}@db.example:6432/traces`,
    tls: { mode: 'require' },
    redis: { url: 'redis://cache:6379/1' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what a file has
    max_connections: '${MAX}',
    minConnections: 2,
    connectTimeoutMs: 2500,
    exporters: [{ name: 'clickhouse', config: { dsn: `http://\${SECRET}@ch`, batch_size: 5 } }],
  })

  it.each([
    ['yaml', yaml],
    ['yml', yaml],
    ['toml', toml],
    ['json', json],
  ])('may be .%s, in snake or camel case', (format, content) => {
    const env = { SECRET: 's3cret', MAX: '7' }
    const config = loadConfig({}, locationWith({ [`tracehold.config.${format}`]: content }, env))
    expect(config).toMatchObject({
      url: 'postgres://app:s3cret@db.example:6432/traces',
      tls: { mode: 'require' },
      redis: { url: 'redis://cache:6379/1' },
      maxConnections: 7,
      minConnections: 2,
      connectTimeoutMs: 2_500,
      exporters: [{ name: 'clickhouse', config: { dsn: 'http://s3cret@ch', batch_size: 5 } }],
    })
  })

  it('reads a .env that begins with a byte order mark', () => {
    const files = { '.env': '\ufeffDB_MAX_CONNECTIONS=13\n' }
    expect(sourceOf({}, locationWith(files))('maxConnections')).toBe('DB_MAX_CONNECTIONS (.env)')
  })

  it('fills in what .env sets, too', () => {
    const location = locationWith({ '.env': 'WHERE="sqlite:x.db"', 'tracehold.config.yaml': `url: \${WHERE}` })
    expect(loadConfig({}, location).url).toBe('sqlite:x.db')
  })

  it('is the one that is named, by option or by TRACEHOLD_CONFIG', () => {
    const files = { 'a.yaml': 'project: a', 'b.toml': 'project = "b"', 'tracehold.config.yaml': 'project: c' }
    expect(loadConfig({}, { ...locationWith(files), file: 'a.yaml' }).projectId).toBe('a')
    expect(loadConfig({}, locationWith(files, { TRACEHOLD_CONFIG: 'b.toml' })).projectId).toBe('b')
    expect(loadConfig({}, locationWith(files)).projectId).toBe('c')
  })

  it('may be empty', () => {
    expect(loadConfig({}, locationWith({ 'tracehold.config.yaml': '' })).projectId).toBe('default')
  })
})
