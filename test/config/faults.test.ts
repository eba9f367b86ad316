import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeConfig } from '../../src/config/describe.ts'
import { loadConfig, readConfig } from '../../src/config/load-config.ts'
import { settings } from '../../src/config/settings.ts'
import { ConfigError } from '../../src/errors.ts'

import { runs } from '../runs.ts'
import { locationWith } from './location-with.ts'

/** The error of a configuration that must not be usable. */
function faultsOf(env: Record<string, string>, files: Record<string, string> = {}, options: object = {}): ConfigError {
  try {
    loadConfig(options, locationWith(files, env))
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error('the configuration was accepted')
}

describe('one wrong value', () => {
  const port = /^must be a whole number from 1 to 65535$/
  const seconds = (max: number) => new RegExp(`^must be a number of seconds from 0.001 to ${max}$`)
  const urls = /(sqlite:PATH.*postgres:\/\/|percent-encode|sqlite:traces\.db)/
  const modes = /^must be one of disable, allow, prefer, require, verify-ca, verify-full$/

  it.each<[name: string, value: string, message: RegExp]>([
    ['TRACEHOLD_URL', 'mysql://u:hunter2@h/d', urls],
    ['TRACEHOLD_URL', 'sqlite:', urls],
    ['DATABASE_URL', 'postgres://u:hunter2@h:port/d', urls],
    ['DATABASE_URL', 'postgres://u:hunter2/@h/d?x#y', urls],
    ['DATABASE_URL', 'postgres://u:%zz@h/d', urls],
    [
      'DATABASE_URL',
      'postgres://h/d?sslmode=hunter2',
      /^sslmode .* disable, allow, prefer, require, verify-ca, verify-full\.$/,
    ],
    ['DATABASE_URL', 'postgres://h/d?hunter2=x', /unknown parameter.*Accepted: host, port/],
    ['DATABASE_URL', 'postgres://h/d?connect_timeout=hunter2', /connect_timeout .* whole number/],
    ['DATABASE_URL', 'postgres://h/d?target_session_attrs=hunter2', /any, read-write, primary/],
    ['DATABASE_URL', 'clickhouse:///d', /Write clickhouse:\/\/USER:PASSWORD@HOST:8123\/DATABASE/],
    ['DATABASE_URL', 'clickhouse://u:hunter2%et@h:8123/d', /percent-encode characters such as/],
    ['DATABASE_URL', 'clickhouse://h/hunter2%zz', /percent-encode characters such as/],
    ['DATABASE_URL', 'clickhouse://h:99999/d', /Write clickhouse:\/\//],
    ['DATABASE_URL', 'clickhouse://h/d?secure=hunter2', /\?secure=true for HTTPS/],
    ['DATABASE_URL', 'clickhouse://h/d?hunter2=x', /unknown parameter. Accepted: secure, access_token/],
    ['DATABASE_URL', 'chdb:', /Write chdb:\.\/traces/],
    ['DATABASE_URL', 'chdb:./x?hunter2=y', /takes \?database=NAME/],
    ['DATABASE_REPLICA_URL', 'sqlite:replica.db', /Accepted: postgres:\/\/USER:PASSWORD@HOST/],
    ['DATABASE_REPLICA_URL', 'postgres://u:hunter2/d@h', /percent-encode/],
    ['DB_PORT', 'hunter2', port],
    ['DB_PORT', '0', port],
    ['DB_PORT', '65536', port],
    ['DB_PORT', '54.32', port],
    ['DB_PORT', '-1', port],
    ['DB_SSL_MODE', 'hunter2', modes],
    ['DB_SSL_MODE', 'REQUIRE', modes],
    ['DB_APP_NAME', 'ä', /^must be 1 to 63 printable ASCII characters$/],
    ['DB_APP_NAME', 'x'.repeat(64), /^must be 1 to 63 printable ASCII characters$/],
    ['DB_MAX_CONNECTIONS', '1', /^must be a whole number from 2 to 10000$/],
    ['DB_MAX_CONNECTIONS', 'many', /^must be a whole number from 2 to 10000$/],
    ['DB_POOL_MAX_CONNECTIONS', '1e3', /^must be a whole number from 2 to 10000$/],
    ['DB_MIN_CONNECTIONS', '-1', /^must be a whole number from 0 to 10000$/],
    ['DB_MIN_CONNECTIONS', '11', /^must be a whole number from 0 to the most connections, 10$/],
    ['DB_POOL_CONNECT_TIMEOUT', '0', seconds(3600)],
    ['DB_CONNECT_TIMEOUT_SECS', '10s', seconds(3600)],
    ['DB_CONNECT_TIMEOUT_MS', '0.5', /^must be a whole number of milliseconds from 1 to 3600000$/],
    ['DB_POOL_IDLE_TIMEOUT', '86401', seconds(86400)],
    ['DB_POOL_MAX_LIFETIME', 'ever', seconds(604800)],
    ['DB_STATEMENT_TIMEOUT_SECS', '0', seconds(86400)],
    ['DB_RETRY_MAX_ATTEMPTS', '0', /^must be a whole number from 1 to 100$/],
    ['DB_RETRY_INITIAL_DELAY_MS', '-1', /^must be a whole number of milliseconds from 0 to 3600000$/],
    ['DB_RETRY_MAX_DELAY_MS', 'long', /^must be a whole number of milliseconds from 0 to 3600000$/],
    ['DB_RETRY_BACKOFF_MULTIPLIER', '0.5', /^must be a number from 1 to 100$/],
    ['REDIS_URL', 'http://h:hunter2@h', /redis:\/\/USER:PASSWORD@HOST:PORT\/DATABASE, or rediss/],
    ['REDIS_URL', 'hunter2', /redis:\/\/USER:PASSWORD@HOST:PORT\/DATABASE, or rediss/],
    ['REDIS_POOL_SIZE', '0', /^must be a whole number from 1 to 1000$/],
    ['REDIS_TIMEOUT_SECS', '61', seconds(60)],
    ['TRACEHOLD_REDIS_PREFIX', 'a b', /^must be up to 64 letters/],
    ['TRACEHOLD_CACHE', 'maybe', /^must be true or false/],
    ['TRACEHOLD_CACHE_MAX_BYTES', '3', /^must be a whole number from 1024 to/],
    ['TRACEHOLD_SQLITE_SYNCHRONOUS', 'off', /^must be one of normal, full$/],
    ['TRACEHOLD_PROJECT', 'x'.repeat(257), /^must be text of 1 to 256 characters, without NUL and lone surrogates$/],
    ['TRACEHOLD_MIGRATE', 'later', /^must be true or false/],
    ['TRACEHOLD_WRITER_ACK', 'maybe', /^must be one of committed, queued$/],
    ['TRACEHOLD_WRITER_WHEN_FULL', 'panic', /^must be one of block, drop$/],
    ['TRACEHOLD_WRITER_METHOD', 'magic', /^must be one of auto, copy, insert$/],
    ['TRACEHOLD_WRITER_BATCH_ROWS', '0', /^must be a whole number from 1 to 10000000$/],
  ])('%s=%s', (name, value, message) => {
    const error = faultsOf({ [name]: value })
    expect(error.faults).toEqual([{ field: `${name} (environment)`, message: expect.stringMatching(message) }])
    expect(error.message).toContain(`${name} (environment): `)
    expect(error.message).not.toMatch(/hunter2/)
  })

  it.each<[file: string, content: string, field: string, message: RegExp]>([
    ['yaml', 'pool: { max_connections: "2,5" }', 'pool.max_connections', /whole number from 2/],
    ['yaml', 'pool: { max_connections: [3] }', 'pool.max_connections', /whole number from 2/],
    ['toml', '[pool]\nmin_connections = 1.5', 'pool.min_connections', /whole number from 0/],
    ['json', '{"pool": {"connectTimeoutSecs": true}}', 'pool.connectTimeoutSecs', /seconds from 0.001 to 3600/],
    ['json', '{"pool": {"connect_timeout_ms": 0.1}}', 'pool.connect_timeout_ms', /milliseconds from 1/],
    ['yaml', 'postgres: { host: h, password: 12345 }', 'postgres.password', /text \(in a file: in quotes/],
    ['yaml', 'postgres: { host: h, password: { hunter2: 1 } }', 'postgres.password', /must be text/],
    ['yaml', `url: \${NOT_SET}`, 'url', /environment variable NOT_SET, which is not set/],
    ['toml', `[postgres]\npassword = "x\${NOT_SET}"`, 'postgres.password', /NOT_SET, which is not set/],
    ['yaml', 'exporters: { name: clickhouse }', 'exporters', /a list of \{ name, config \}/],
    ['yaml', 'exporters: [{ config: { dsn: hunter2 } }]', 'exporters', /a list of \{ name, config \}/],
    ['yaml', 'pool: { max_conections: 5 }', 'pool.max_conections', /no setting. Accepted: pool.max_connections, /],
    ['yaml', 'poool: { max_connections: 5 }', 'poool', /no setting. Accepted: url, postgres, /],
  ])('in a .%s file: %s', (format, content, field, message) => {
    const name = `tracehold.config.${format}`
    const error = faultsOf({}, { [name]: content })
    expect(error.faults).toEqual([{ field: `${field} (${name})`, message: expect.stringMatching(message) }])
    expect(error.message).not.toMatch(/hunter2|12345/)
  })

  it.each([
    ['yaml', 'pool: { password: hunter2', /tracehold\.config\.yaml is no YAML at line 1/],
    ['yaml', 'a: hunter2\na: hunter2', /is no YAML at line 2/],
    ['toml', 'password = hunter2', /is no TOML at line 1/],
    ['json', '{"url": hunter2}', /is no JSON/],
    ['json', '["hunter2"]', /keys and values at its top/],
  ])('a .%s file that is none: %s', (format, content, message) => {
    const { message: told } = faultsOf({}, { [`tracehold.config.${format}`]: content })
    expect(told).toMatch(message)
    expect(told).not.toContain('hunter2')
  })

  it.each([
    ['nothing.yaml', /cannot be read \[ENOENT\]/],
    ['config.ini', /\.ini|unknown extension. Accepted: \.yaml, \.yml, \.toml, \.json/],
  ])('a named file %s', (name, message) => {
    expect(faultsOf({ TRACEHOLD_CONFIG: name }).message).toMatch(message)
  })

  it('two files of which none is named', () => {
    const error = faultsOf({}, { 'tracehold.config.yaml': '', 'tracehold.config.toml': '' })
    expect(error.message).toMatch(/tracehold.config.yaml and tracehold.config.toml.*TRACEHOLD_CONFIG/)
  })
})

describe('several wrong values', () => {
  it('are all told at once, each by its key and source', () => {
    const files = {
      '.env': 'DB_RETRY_MAX_ATTEMPTS=none\n',
      'tracehold.config.yaml': 'pool: { max_connections: 0, colour: red }\nredis: { pool_size: many }',
    }
    const { faults, message } = faultsOf({ DB_PORT: 'x' }, files, { writers: { batchRows: -1 } })
    expect(faults.map(({ field }) => field).sort()).toEqual([
      'DB_PORT (environment)',
      'DB_RETRY_MAX_ATTEMPTS (.env)',
      'pool.colour (tracehold.config.yaml)',
      'pool.max_connections (tracehold.config.yaml)',
      'redis.pool_size (tracehold.config.yaml)',
      'writers.batchRows (options)',
    ])
    expect(message).toMatch(/^The configuration has 6 faults\.\n/)
  })

  it('of a source that another wins over are not looked at', () => {
    const location = locationWith(
      { 'tracehold.config.yaml': 'pool: { max_connections: 0 }' },
      { DB_MAX_CONNECTIONS: '4' },
    )
    expect(loadConfig({}, location).maxConnections).toBe(4)
  })
})

describe('secrets', () => {
  const marker = 'MaRkEr7'
  const secrets = settings.filter(({ secret }) => secret)
  const secretOf = (key: string) => {
    if (key === 'server.password') return marker
    return key === 'redis.url' ? `redis://u:${marker}@r:6379` : `postgres://u:${marker}@h/d`
  }

  it.each(secrets.map((setting) => [setting.key, setting] as const))('%s is not shown', (key, setting) => {
    for (const name of setting.env) {
      const location = locationWith({}, { [name]: secretOf(key) })
      expect(loadConfig({}, location)).toBeDefined()
      const shown = JSON.stringify(describeConfig(readConfig({}, location)))
      expect(shown).not.toContain(marker)
      expect(shown).toContain(`${name} (environment)`)
    }
  })

  it.each(secrets.map((setting) => [setting.key, setting] as const))(
    '%s is in no message, however wrong',
    (key, setting) => {
      const whole = secretOf(key)
      const wrong = [whole.replace('://', ':/'), `${whole}:x#`, whole.replace('@', ''), `x${whole}`, whole.slice(3)]
      for (const name of setting.env) {
        for (const value of wrong) {
          const resolved = readConfig({}, locationWith({}, { [name]: value, DB_PORT: 'x', DB_SSL_MODE: 'y' }))
          expect(resolved.error?.message).not.toContain(marker)
          expect(JSON.stringify(resolved.error?.faults)).not.toContain(marker)
          expect(JSON.stringify(resolved.error)).not.toContain(marker)
        }
      }
    },
  )

  it('in a URL are not shown, whatever is wrong with it', () => {
    const scheme = fc.constantFrom('postgres://', 'postgresql:', 'redis://', 'clickhouse://', 'mysql://', '//', '')
    const noise = fc.string({ unit: fc.constantFrom('@', ':', '/', '?', '#', '%', '&', '=', '1', 'a'), maxLength: 4 })
    const url = fc
      .tuple(scheme, noise, noise, noise)
      .map(([start, before, after, end]) => `${start}app:${before}${marker}${after}@h:1/d${end}`)
    const names = secrets.filter(({ secret }) => secret === 'url').flatMap(({ env }) => env)
    const property = fc.property(fc.constantFrom(...names), url, (name, value) => {
      const resolved = readConfig({}, { env: { [name]: value }, cwd: '/nowhere' })
      expect(`${resolved.error?.message}${JSON.stringify(describeConfig(resolved))}`).not.toContain(marker)
    })
    fc.assert(property, { numRuns: runs(300, 3_000) })
  })

  it('of exporters are not shown, and are handed on', () => {
    const exporters = [{ name: 'clickhouse', config: { dsn: `http://${marker}@ch`, keep_me: [1] } }]
    const resolved = readConfig({}, locationWith({ 'tracehold.config.json': JSON.stringify({ exporters }) }))
    expect(resolved.config.exporters).toEqual(exporters)
    expect(JSON.stringify(describeConfig(resolved))).not.toContain(marker)
  })
})
