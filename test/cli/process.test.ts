import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command, runProcess } from './run-process.ts'
import { agentRun } from './sample-traces.ts'

let folder: string
const run = (...args: string[]) => runProcess(args, { cwd: folder })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracehold-process-'))
})
afterAll(() => rm(folder, { recursive: true }))

// What only a process has. All else of the command is tested in the tests' own process.
describe('the process of the command', () => {
  it('reads standard input, works in its folder, and keeps results apart from notes', async () => {
    const input = Array.from({ length: 300 }, (_, i) => agentRun(`trace-${i}`)).join('\n')
    const imported = await runProcess(['import', '-', '--db', 'some.db'], { cwd: folder, input })
    expect(imported).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Imported 300 traces /),
      stderr: expect.stringMatching(/^Made the tables in sqlite:some\.db /),
    })
    expect(await readdir(folder)).toContain('some.db')
    expect((await run('traces', 'list', '--count', '--db', 'some.db')).stdout).toBe('300\n')
  })

  it('ends with 0, with 1 for a failure, and with 2 for a wrong call', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, stderr: '' })
    expect(await run('usage', '--db', 'sqlite:nowhere.db')).toMatchObject({ code: 1, stdout: '' })
    expect(await run('usage', '--bye')).toMatchObject({ code: 2, stdout: '' })
  })

  it('takes its configuration from the environment and from .env', async () => {
    const { stdout } = await runProcess(['migrate', 'status'], {
      cwd: folder,
      env: { TRACEHOLD_URL: 'sqlite:some.db' },
    })
    expect(stdout).toMatch(/^sqlite:some\.db: schema version/)
  })

  it('a reader that goes away early is no error', async () => {
    const child = spawn(process.execPath, [command, 'traces', 'list', '--limit', '300', '--json', '--db', 'some.db'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends in order at %s while it follows', async (signal) => {
    const child = spawn(process.execPath, [command, 'tail', '--json', '--db', 'some.db'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk
    })
    const ended = once(child, 'close')
    await expect.poll(() => output.split('\n').length, { timeout: 10_000 }).toBe(11)
    child.kill(signal)
    expect(await ended).toEqual([0, null])
  })

  it('ends at once at SIGINT where nothing is to be put in order', async () => {
    const child = spawn(process.execPath, [command, 'import', '-', '--db', 'some.db'], { cwd: folder })
    const ended = once(child, 'close')
    child.stdin.write(`${agentRun('first')}\n`)
    // It has read the beginning when it has opened the database.
    await expect.poll(async () => (await readdir(folder)).includes('some.db-wal'), { timeout: 10_000 }).toBe(true)
    child.kill('SIGINT')
    expect(await ended).toEqual([null, 'SIGINT'])
  })
})
