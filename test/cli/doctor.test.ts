import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { describeBackends } from '../backends.ts'
import { type RunOptions, runCommand } from './run-command.ts'

interface Diagnosis {
  ok: boolean
  checks: { name: string; status: string; message: string; nextStep?: string }[]
}

const diagnose = async (url: string, options?: RunOptions) => {
  const result = await runCommand(['doctor', '--json', '--db', url], options)
  const { ok, checks } = result.json<Diagnosis>()
  expect(result.code).toBe(ok ? 0 : 1)
  expect(result.stderr).toBe('')
  return checks
}

describeBackends('tracehold doctor', (backend) => {
  it('warns of an empty database, and is content after the migration', async () => {
    await runCommand(['migrate', '--db', backend.url()])
    const checks = await diagnose(backend.url())
    expect(checks.map(({ status }) => status)).not.toContain('failed')
    expect(new Set(checks.map(({ name }) => name))).toEqual(
      new Set(['node', 'config', 'driver', 'connection', 'schema', 'writing']),
    )
    expect(JSON.stringify(checks)).not.toContain(new URL(backend.url()).password || '<none>')
  })

  it('prints a line for each check', async () => {
    const { stdout } = await runCommand(['doctor', '--db', backend.url()])
    expect(stdout.trimEnd().split('\n')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^✓ node +Node /), expect.stringMatching(/^✓ writing +/)]),
    )
  })
})

describe('tracehold doctor', () => {
  it('does not make a file that is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tracehold-doctor-'))
    const checks = await diagnose('sqlite:new.db', { cwd: folder })
    expect(checks.at(-1)).toMatchObject({
      name: 'connection',
      status: 'warning',
      nextStep: expect.stringContaining('import'),
    })
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  it('says where the URL comes from', async () => {
    const env = { DATABASE_URL: 'postgres://u:secret@h/d', TRACEHOLD_URL: 'sqlite:here.db' }
    const { stdout } = await runCommand(['doctor'], { env, cwd: tmpdir() })
    expect(stdout).toContain('sqlite:here.db (from TRACEHOLD_URL)')
    const unknown = await runCommand(['doctor'], { env: { DATABASE_URL: 'mysql://u:secret@h/d' } })
    expect(unknown).toMatchObject({ code: 1, stdout: expect.stringContaining('comes from DATABASE_URL') })
    expect(unknown.stdout).not.toContain('secret')
  })

  it('tells what is wrong with a server, and no password', async () => {
    const wrong = new URL(inject('servers').postgresUrl)
    wrong.password = 'wrong-one'
    const [password] = (await diagnose(wrong.href)).slice(-1)
    // A server of the environment may trust everybody; then there is nothing to refuse.
    if (password?.status === 'failed') expect(password.message).toMatch(/password|authentication/)
    expect(JSON.stringify(password)).not.toContain('wrong-one')
    const [refused] = (await diagnose('postgres://u:secret@127.0.0.1:1/d')).slice(-1)
    expect(refused).toMatchObject({
      name: 'connection',
      status: 'failed',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('tells a file that is no database', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tracehold-doctor-'))
    await writeFile(join(folder, 'notes.txt'), 'no database at all, but long enough to be looked at'.repeat(50))
    const checks = await diagnose('notes.txt', { cwd: folder })
    expect(checks.at(-1)).toMatchObject({ name: 'connection', status: 'failed' })
    await rm(folder, { recursive: true })
  })
})
