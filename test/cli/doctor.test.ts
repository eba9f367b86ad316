import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Check } from '../../src/doctor/diagnose.ts'
import { openStore } from '../../src/store/open-store.ts'
import { createRolesDatabase, migrate } from '../roles/roles-database.ts'
import { type RunOptions, runCommand } from './run-command.ts'

/** What the command says of a setup; it must end as it says, print no error, and tell no password. */
async function diagnose(url: string, options?: RunOptions): Promise<Check[]> {
  const result = await runCommand(['doctor', '--json', '--db', url], options)
  const { ok, checks } = result.json<{ ok: boolean; checks: Check[] }>()
  expect(result.code).toBe(ok ? 0 : 1)
  expect(ok).toBe(checks.every(({ status }) => status !== 'failed'))
  expect(result.stderr).toBe('')
  const { password } = new URL(/^\w+:\/\//.test(url) ? url : 'sqlite://none')
  expect(result.stdout).not.toContain(password || 'hunter2')
  expect(result.stdout).not.toContain('hunter2')
  return checks
}

const named = (checks: readonly Check[], name: string) => checks.find((check) => check.name === name)

/** A migrated file in `folder`, then changed. */
async function brokenFile(folder: string, name: string, sql: string): Promise<string> {
  const url = `sqlite:${join(folder, `${name}.db`)}`
  await (await openStore(url, { migrate: true })).close()
  const database = new Database(join(folder, `${name}.db`))
  database.exec(sql)
  database.close()
  return url
}

describe('tracehold doctor', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tracehold-doctor-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('a healthy database: a line for each check, and with --verbose one for each step, with its time', async () => {
    const url = await brokenFile(folder, 'healthy', '')
    expect((await diagnose(url)).map(({ status }) => status)).not.toContain('failed')
    const lines = (await runCommand(['doctor', '--db', url], { cwd: folder })).stdout.trimEnd().split('\n')
    expect(lines).toContainEqual(expect.stringMatching(/^✓ node +Node /))
    expect(lines).toContainEqual(expect.stringMatching(/^✓ schema +version \d+, up to date$/))
    expect(lines).not.toContainEqual(expect.stringMatching(/^– /))
    const verbose = await runCommand(['doctor', '--verbose', '--db', url], { cwd: folder })
    const steps = verbose.stdout.trimEnd().split('\n')
    expect(steps).toContainEqual(expect.stringMatching(/^– redis +none is configured +\(.+ ms\)$/))
    expect(steps.filter((line) => !/\([\d.]+ m?s\)$/.test(line))).toEqual([])
  })

  it('no server', async () => {
    const checks = await diagnose('postgres://u:hunter2@127.0.0.1:1/d')
    expect(named(checks, 'connection')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/ECONNREFUSED.*\(3 tries\)/),
      nextStep: 'Is the server running, and is the port right?',
    })
    expect(named(checks, 'schema')).toMatchObject({ status: 'skipped' })
  })

  it('a wrong password', async () => {
    const wrong = new URL(inject('servers').postgresUrl)
    wrong.password = 'hunter2'
    const connection = named(await diagnose(wrong.href), 'connection')
    // A server of the environment may trust everybody; then there is nothing to refuse.
    if (connection?.status === 'ok') return
    expect(connection).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/\[28P01\]$/),
      nextStep: 'Check the user and the password in the URL.',
    })
  })

  it('a wrong database', async () => {
    const wrong = new URL(inject('servers').postgresUrl)
    wrong.pathname = '/nowhere'
    expect(named(await diagnose(wrong.href), 'connection')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/nowhere.*\[3D000\]$/),
      nextStep: 'Create the database, or check its name in the URL.',
    })
  })

  it('no rights', async () => {
    const database = await createRolesDatabase()
    try {
      await database.apply()
      await migrate(database)
      const role = await database.create(database.names.writer)
      await database.admin.query(`revoke ${database.names.writer} from ${role}`)
      const checks = await diagnose(database.urlOf(role))
      expect(named(checks, 'rights')).toMatchObject({
        status: 'failed',
        message: `${role} has no right on the schema tracehold`,
        nextStep: expect.stringContaining('tracehold roles print'),
      })
      expect(named(checks, 'schema')).toMatchObject({ status: 'skipped' })
    } finally {
      await database.drop()
    }
  })

  it.each([
    [
      'behind',
      'delete from tracehold_migrations where version > 1',
      /needs \d+: \d+ migrations? pending/,
      'Run: tracehold migrate',
    ],
    [
      'ahead',
      "insert into tracehold_migrations values (99, 'future', 'x', 0)",
      /knows only/,
      'Upgrade the tracehold package.',
    ],
    ['edited', "update tracehold_migrations set sha256 = 'x' where version = 1", /was edited/, /^Restore the file/],
  ])('a schema that is %s', async (name, sql, message, nextStep) => {
    expect(named(await diagnose(await brokenFile(folder, name, sql)), 'schema')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(message),
      nextStep: expect.stringMatching(nextStep),
    })
  })

  it('a missing index', async () => {
    const url = await brokenFile(folder, 'index', 'drop index spans_start_time')
    expect(named(await diagnose(url), 'indexes')).toMatchObject({
      status: 'failed',
      message: 'missing: spans_start_time',
      nextStep: expect.stringContaining('CREATE INDEX `spans_start_time`'),
    })
  })

  it('Redis down: a warning', async () => {
    const env = { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }
    const checks = await diagnose(await brokenFile(folder, 'redis', ''), { env, cwd: folder })
    expect(named(checks, 'redis')).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('ECONNREFUSED'),
      nextStep: expect.stringContaining('Is Redis running'),
    })
    expect(checks.map(({ status }) => status)).not.toContain('failed')
  })

  it('an unwritable path', async () => {
    await writeFile(join(folder, 'a-file'), '')
    for (const url of ['sqlite:a-file/traces.db', 'chdb:a-file/traces']) {
      const checks = await diagnose(url, { cwd: folder })
      expect(named(checks, 'disk')).toMatchObject({
        status: 'failed',
        message: expect.stringMatching(/a-file is no folder$/),
        nextStep: expect.stringContaining('Choose another path'),
      })
    }
  })

  it('every fault of the configuration', async () => {
    const env = { DB_PORT: 'hunter2', DB_MAX_CONNECTIONS: '-1', REDIS_URL: 'hunter2' }
    const { code, stdout } = await runCommand(['doctor'], { cwd: folder, env })
    expect(code).toBe(1)
    for (const name of Object.keys(env)) expect(stdout).toMatch(new RegExp(`^✗ config +${name} `, 'm'))
    expect(stdout).not.toContain('hunter2')
  })

  it('a configuration file of its own', async () => {
    await writeFile(join(folder, 'mine.yaml'), 'url: sqlite:mine.db\n')
    const { stdout } = await runCommand(['doctor', '--config', 'mine.yaml'], { cwd: folder })
    expect(stdout).toMatch(/✓ config +sqlite:mine.db \(from url \(mine.yaml\)\)/)
  })

  it('does not make a file that is not there', async () => {
    const before = await readdir(folder)
    const checks = await diagnose('sqlite:new.db', { cwd: folder })
    expect(named(checks, 'connection')).toMatchObject({
      status: 'warning',
      nextStep: expect.stringContaining('tracehold import'),
    })
    expect(await readdir(folder)).toEqual(before)
  })

  it('says where the URL comes from', async () => {
    const env = { DATABASE_URL: 'postgres://u:hunter2@h/d', TRACEHOLD_URL: 'sqlite:here.db' }
    const { stdout } = await runCommand(['doctor'], { env, cwd: folder })
    expect(stdout).toContain('sqlite:here.db (from TRACEHOLD_URL)')
    const unknown = await runCommand(['doctor'], { env: { DATABASE_URL: 'mysql://u:hunter2@h/d' }, cwd: folder })
    expect(unknown).toMatchObject({ code: 1, stdout: expect.stringContaining('DATABASE_URL (environment)') })
    expect(unknown.stdout).not.toContain('hunter2')
  })

  it('a file that is no database', async () => {
    await writeFile(join(folder, 'notes.txt'), 'no database at all, but long enough to be looked at'.repeat(50))
    const checks = await diagnose('notes.txt', { cwd: folder })
    expect(named(checks, 'connection')).toMatchObject({
      status: 'failed',
      nextStep: 'The file is not an SQLite database.',
    })
  })
})
