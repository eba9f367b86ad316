import { describe, expect, it } from 'vitest'
import type { ConfigLocation } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/load-config.ts'
import { isInMilliseconds } from '../../src/config/setting.ts'
import { type Setting, settings } from '../../src/config/settings.ts'
import { locationWith } from './location-with.ts'

/** A value of each setting that is not its default, as text, and what comes of it. */
function sample(setting: Setting, name: string): [text: string, value: unknown] {
  const urls: Record<string, string> = {
    url: 'sqlite:x.db',
    replicaUrl: 'postgres://r/d',
    'redis.url': 'redis://r:1/2',
  }
  const url = urls[setting.key]
  if (url) return [url, url]
  if (setting.kind === 'duration') return [isInMilliseconds(name) ? '7000' : '7', 7000]
  if (/Bytes$/.test(setting.key)) return ['4096', 4096]
  if (setting.kind === 'number') return ['7', 7]
  if (setting.kind === 'flag') return setting.fallback ? ['off', false] : ['yes', true]
  if (setting.key.startsWith('retention.')) return ['14d', '14d']
  const [, words] = /^one of (.*)$/.exec(setting.accepted) ?? []
  const other = words?.split(', ').find((word) => word !== setting.fallback) ?? 'some-text'
  return [other, other]
}

/** What a setting came to. */
function cameOf(setting: Setting, location: ConfigLocation): unknown {
  const { config, entries, error } = readConfig({}, location)
  if (error) throw error
  return inUrl[setting.key] ? config.url : entries.find((entry) => entry.setting === setting)?.value
}

/** What a name of the database's address ends up as. */
const inUrl: Record<string, string> = {
  'server.host': '@some-text:5432',
  'server.port': '@localhost:7',
  'server.database': ':5432/some-text',
  'server.user': '//some-text@',
  'server.password': '//postgres:some-text@',
}

describe('the names of settings', () => {
  const inEnvironment = settings.flatMap((setting) => setting.env.map((name) => [name, setting] as const))
  const inFiles = settings
    .filter(({ kind }) => kind !== 'other')
    .flatMap((setting) => [...setting.file, setting.key].map((name) => [name, setting] as const))

  it.each(inEnvironment)('%s is read from the environment', (name, setting) => {
    const [text, value] = sample(setting, name)
    const came = cameOf(setting, locationWith({}, { [name]: text }))
    const piece = inUrl[setting.key]
    if (piece) expect(came).toContain(piece)
    else expect(came).toEqual(value)
  })

  it.each(inFiles)('%s is read from a file', (name, setting) => {
    const [text, value] = sample(setting, name)
    const nested = name.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), text)
    const more = setting.key.startsWith('server.') ? { DB_MAX_CONNECTIONS: '9' } : undefined
    const came = cameOf(setting, locationWith({ 'tracehold.config.json': JSON.stringify(nested) }, more))
    const piece = inUrl[setting.key]
    if (piece) expect(came).toContain(piece)
    else expect(came).toEqual(value)
  })

  it('are each the name of one setting', () => {
    const names = inEnvironment.map(([name]) => name)
    expect(new Set(names).size).toBe(names.length)
    const keys = inFiles.map(([name, { key }]) => `${name.replace(/_/g, '').toLowerCase()} = ${key}`)
    const distinct = new Set([...new Set(keys)].map((entry) => entry.split(' = ')[0]))
    expect(distinct.size).toBe(new Set(keys).size)
  })

  it('have all those of the systems before', () => {
    const names = new Set(inEnvironment.map(([name]) => name))
    for (const name of [
      ...['DATABASE_URL', 'TRACEHOLD_URL', 'DB_HOST', 'DB_PORT', 'DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_SSL_MODE'],
      ...['DB_APP_NAME', 'DB_MAX_CONNECTIONS', 'DB_MIN_CONNECTIONS', 'DB_POOL_MAX_CONNECTIONS'],
      ...['DB_POOL_MIN_CONNECTIONS', 'DB_POOL_CONNECT_TIMEOUT', 'DB_POOL_IDLE_TIMEOUT', 'DB_POOL_MAX_LIFETIME'],
      ...['DB_RETRY_MAX_ATTEMPTS', 'DB_RETRY_INITIAL_DELAY_MS', 'DB_RETRY_MAX_DELAY_MS', 'DB_RETRY_BACKOFF_MULTIPLIER'],
      ...['REDIS_URL', 'REDIS_POOL_SIZE', 'REDIS_TIMEOUT_SECS'],
    ]) {
      expect(names).toContain(name)
    }
  })
})
