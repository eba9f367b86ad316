import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/load-config.ts'

interface Service {
  image: string
  environment: Record<string, string>
  command?: string[]
  ports: string[]
  volumes: string[]
  healthcheck: { test: string[]; interval: string; retries: number }
}

interface Compose {
  services: Record<'postgres' | 'clickhouse' | 'redis', Service>
  volumes: Record<string, unknown>
}

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'compose.yaml'), 'utf8')
const { services, volumes } = load(text) as Compose

/** A text with the variables filled in, as Compose does it. */
const filled = (value: string, variables: Record<string, string> = {}) =>
  value.replace(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, fallback: string) => variables[name] || fallback)

/** The URLs under which the services answer. */
function urlsOf(variables: Record<string, string> = {}) {
  const port = (service: Service) => filled(service.ports[0] ?? '', variables).split(':')[1]
  const { postgres, clickhouse, redis } = services
  const of = ({ environment }: Service, name: string) => filled(environment[name] ?? '', variables)
  return {
    postgres: `postgres://${of(postgres, 'POSTGRES_USER')}:${of(postgres, 'POSTGRES_PASSWORD')}@localhost:${port(postgres)}/${of(postgres, 'POSTGRES_DB')}`,
    clickhouse: `clickhouse://${of(clickhouse, 'CLICKHOUSE_USER')}:${of(clickhouse, 'CLICKHOUSE_PASSWORD')}@localhost:${port(clickhouse)}/${of(clickhouse, 'CLICKHOUSE_DB')}`,
    redis: `redis://:${of(redis, 'REDISCLI_AUTH')}@localhost:${port(redis)}`,
  }
}

const hasCompose = (() => {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe('compose.yaml', () => {
  it('limits what ClickHouse writes about itself: each of its logs has an end, or is off', () => {
    const { configs } = load(text) as { configs: Record<string, { content: string }> }
    const content = configs['clickhouse-logs']?.content ?? ''
    const logs = content.split('\n').filter((line) => line.includes('_log'))
    expect(logs.length).toBeGreaterThan(10)
    for (const log of logs)
      expect(log).toMatch(/<(\w+_log)( remove="1"\/>|><ttl>event_date \+ .* DELETE<\/ttl><\/\1>)$/)
  })

  it.each(Object.entries(services))('%s: pinned, healthy, kept, and open to this machine only', (name, service) => {
    expect(service.image).toMatch(/^[\w/-]+:\d+(\.\d+)?$/)
    expect(service.healthcheck.test.length).toBeGreaterThan(1)
    expect(service.volumes.map((volume) => volume.split(':')[0])).toEqual([name])
    expect(Object.keys(volumes)).toContain(name)
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{\w+:-\d+\}:\d+$/)
  })

  it('holds no secret but development defaults that can be replaced', () => {
    const { postgres, clickhouse, redis } = services
    expect(postgres.environment.POSTGRES_PASSWORD).toMatch(/^\$\{DB_PASSWORD:-\w+\}$/)
    expect(clickhouse.environment.CLICKHOUSE_PASSWORD).toMatch(/^\$\{CLICKHOUSE_PASSWORD:-\w+\}$/)
    expect(redis.environment.REDISCLI_AUTH).toMatch(/^\$\{REDIS_PASSWORD:-\w+\}$/)
    expect(redis.command?.[2]).toBe(redis.environment.REDISCLI_AUTH)
    for (const line of text.split('\n').filter((line) => /password|auth|requirepass/i.test(line))) {
      expect(line).toMatch(/\$\{\w+:-\w+\}|\$\$|--requirepass|^\s*#/)
    }
  })

  it('fits the URLs of docs/operations.md, and every variable is told there', () => {
    const docs = readFileSync(join(root, 'docs/operations.md'), 'utf8')
    for (const url of Object.values(urlsOf())) expect(docs).toContain(`\`${url}\``)
    for (const [, name] of text.matchAll(/\$\{(\w+):-/g)) expect(docs).toContain(`\`${name}\``)
    for (const { image } of Object.values(services)) expect(docs).toContain(image.split(':')[1])
  })

  it('is what tracehold finds with the same variables and no URL', () => {
    for (const env of [
      { DB_PASSWORD: 'p' },
      { DB_USER: 'me', DB_PASSWORD: 'p:@/#', DB_NAME: 'mine', DB_PORT: '5433' },
    ]) {
      const { config, error } = readConfig({}, { env, cwd: join(root, 'test/compose') })
      expect(error).toBeUndefined()
      const [found, offered] = [config.url, urlsOf(env).postgres].map(
        (url) => /^postgres:\/\/(\w+):.*@(\w+:\d+)(?:\/(\w+))?$/.exec(url)?.slice(1) ?? [],
      )
      // Where no database is named, PostgreSQL takes the user's name.
      expect([found?.[0], found?.[1], found?.[2] ?? found?.[0]]).toEqual(offered)
    }
  })

  it.runIf(hasCompose)('is accepted by docker compose', async () => {
    const run = promisify(execFile)
    const { stdout } = await run('docker', [
      'compose',
      '--file',
      join(root, 'compose.yaml'),
      'config',
      '--format',
      'json',
    ])
    expect(Object.keys(JSON.parse(stdout).services).sort()).toEqual(['clickhouse', 'postgres', 'redis'])
  })
})
