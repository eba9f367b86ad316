import { describe, expect, it } from 'vitest'
import { settings } from '../../src/config/settings.ts'
import { runCommand } from '../cli/run-command.ts'
import { locationWith } from './location-with.ts'

const marker = 'hunter2'
const run = (args: string[], files: Record<string, string> = {}, env: Record<string, string> = {}) => {
  const { cwd = '' } = locationWith(files)
  return runCommand(args, { cwd, env })
}

interface Printed {
  ok: boolean
  settings: { key: string; value: unknown; source: string }[]
  faults: { field: string; message: string }[]
}

describe('tracehold config print', () => {
  const files = {
    '.env': `REDIS_URL=redis://u:${marker}@cache:6379/1\n`,
    'tracehold.config.yaml': `pool: { max_connections: 7 }\nexporters: [{ name: clickhouse, config: { dsn: ${marker} } }]\n`,
  }
  const env = { DB_HOST: 'db', DB_PASSWORD: marker }

  it('shows every setting with its source, and no secret', async () => {
    const { stdout, stderr, code } = await run(['config', 'print'], files, env)
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(settings.length)
    const line = (key: string) => lines.find((candidate) => candidate.startsWith(`${key} `))
    expect(line('url')).toMatch(/^url +postgres:\/\/postgres@db:5432 +DB_HOST \(environment\)$/)
    expect(line('server.password')).toMatch(/\*{8} +DB_PASSWORD \(environment\)$/)
    expect(line('redis.url')).toMatch(/redis:\/\/u@cache:6379\/1 +REDIS_URL \(\.env\)$/)
    expect(line('maxConnections')).toMatch(/7 +pool\.max_connections \(tracehold\.config\.yaml\)$/)
    expect(line('exporters')).toMatch(/\[{"name":"clickhouse"}\] +exporters \(tracehold\.config\.yaml\)$/)
    expect(line('retry.maxAttempts')).toMatch(/3 +default$/)
    expect(stdout).not.toContain(marker)
  })

  it('prints JSON for programs', async () => {
    const result = await run(['config', 'print', '--json', '--db', 'sqlite:x.db'], files, env)
    const { ok, settings: shown, faults } = result.json<Printed>()
    expect({ ok, faults, code: result.code }).toEqual({ ok: true, faults: [], code: 0 })
    expect(shown.map(({ key }) => key)).toEqual(settings.map(({ key }) => key))
    expect(shown[0]).toEqual({ key: 'url', value: 'sqlite:x.db', source: 'url (options)' })
    expect(result.stdout).not.toContain(marker)
  })

  it('shows faults as well, with exit code 1', async () => {
    const wrong = { ...env, DB_PORT: 'x', DB_SSL_MODE: marker }
    const text = await run(['config', 'print'], files, wrong)
    expect(text.code).toBe(1)
    expect(text.stderr).toMatch(
      /2 faults.\n {2}DB_PORT \(environment\): must be .*\n {2}DB_SSL_MODE \(environment\): must be one of/,
    )
    expect(text.stdout).toMatch(/maxConnections/)
    const json = await run(['config', 'print', '--json'], files, wrong)
    expect(json).toMatchObject({ code: 1, stderr: '' })
    expect(json.json<Printed>().faults.map(({ field }) => field)).toEqual([
      'DB_PORT (environment)',
      'DB_SSL_MODE (environment)',
    ])
    expect(text.stdout + text.stderr + json.stdout).not.toContain(marker)
  })

  it('reads the file that --config names', async () => {
    const named = { 'other.toml': '[pool]\nmax_connections = 9\n' }
    const { stdout } = await run(['config', 'print', '--config', 'other.toml'], named)
    expect(stdout).toMatch(/maxConnections +9 +pool\.max_connections \(other\.toml\)/)
    const missing = await run(['config', 'print', '--config', 'nothing.toml'])
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/nothing\.toml cannot be read \[ENOENT\]/) })
  })
})

describe('a command', () => {
  it('works on what the file and .env say, and names what is wrong with them', async () => {
    const { cwd = '' } = locationWith({
      '.env': 'DATABASE_URL=sqlite:from-env.db',
      'tracehold.config.yaml': 'project: p',
    })
    expect(await runCommand(['migrate'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('sqlite:from-env.db'),
    })
    const faulty = await run(['traces', 'list'], { 'tracehold.config.yaml': 'pool: { max_connections: none }' })
    expect(faulty).toMatchObject({ code: 1, stdout: '' })
    expect(faulty.stderr).toMatch(/pool\.max_connections \(tracehold\.config\.yaml\): must be a whole number/)
    expect(faulty.stderr).toMatch(/tracehold config print/)
  })
})
