import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { envExample, referenceTable, withReference } from '../../src/config/reference.ts'
import { settings } from '../../src/config/settings.ts'
import { locationWith } from './location-with.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const how = 'run: node scripts/config-reference.mjs'

describe('.env.example', () => {
  it('is made from the schema', () => {
    expect(read('.env.example'), how).toBe(envExample())
  })

  it('has every name of every setting', () => {
    const words = new Set(read('.env.example').match(/\w+/g))
    for (const { env } of settings) for (const name of env) expect(words).toContain(name)
  })

  it('has the defaults: taking every # away changes nothing', () => {
    const uncommented = read('.env.example').replace(/^# (\w+=)/gm, '$1')
    const variables = parseEnv(uncommented)
    expect(Object.keys(variables).sort()).toEqual(settings.flatMap(({ env }) => env.slice(0, 1)).sort())
    // The names of a server mean PostgreSQL by themselves; the URL says that it is not.
    expect(loadConfig({}, locationWith({ '.env': uncommented }))).toEqual(loadConfig({}, locationWith()))
  })
})

describe('docs/configuration.md', () => {
  it('has the settings of the schema', () => {
    const page = read('docs/configuration.md')
    expect(withReference(page), how).toBe(page)
    for (const { env, file, key } of settings) {
      for (const name of [...env, ...file, key]) expect(referenceTable()).toContain(`\`${name}\``)
    }
  })

  it('shows a file that can be used', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(read('docs/configuration.md')) ?? []
    const config = loadConfig({}, locationWith({ 'tracehold.config.yaml': yaml }, { DB_SECRET: 'p@ss' }))
    expect(config).toMatchObject({
      url: 'postgres://app:p%40ss@db.example:5432/traces',
      maxConnections: 20,
      connectTimeoutMs: 5_000,
      tls: { mode: 'verify-full', caFile: '/etc/ssl/db-ca.pem' },
    })
  })
})
