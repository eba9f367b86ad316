import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'
import { agentRun } from './sample-traces.ts'

let folder: string
const run = (...args: string[]) => runCommand(args, { cwd: folder })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracehold-errors-'))
  const input = Array.from({ length: 300 }, (_, i) => agentRun(`trace-${i}`)).join('\n')
  await runCommand(['import', '-', '--db', 'some.db'], { cwd: folder, input })
})
afterAll(() => rm(folder, { recursive: true }))

describe('errors of the command', () => {
  it.each([
    ['an unknown scheme', ['traces', 'list', '--db', 'mysql://u:secret@h/d'], 1, /scheme 'mysql:'/],
    ['an unreachable server', ['usage', '--db', 'postgres://u:secret@127.0.0.1:1/d'], 1, /ECONNREFUSED/],
    ['an unreadable URL', ['usage', '--db', 'postgres://u:s@cret:x/#@h/d'], 1, /percent-encode/],
    ['a cursor that is none', ['traces', 'list', '--after', 'zzz', '--db', 'some.db'], 2, /cursor/],
    ['a negative limit', ['traces', 'list', '--limit', '-5', '--db', 'some.db'], 2, /--limit/],
    ['a limit that is too high', ['traces', 'list', '--limit', '5000', '--db', 'some.db'], 2, /1000/],
    ['a time that is none', ['usage', '--since', 'yesterday', '--db', 'some.db'], 2, /--since/],
    ['a status that is none', ['traces', 'list', '--status', 'fine', '--db', 'some.db'], 2, /--status/],
    ['an unknown command', ['trace'], 2, /unknown command 'trace'/],
    ['an unknown option', ['usage', '--bye', 'model'], 2, /unknown option '--bye'/],
    ['a project without a name', ['traces', 'list', '--project', '', '--db', 'some.db'], 2, /--project/],
    ['a missing argument', ['import'], 2, /file/],
    ['an argument too many', ['doctor', 'now'], 2, /argument/],
  ])('%s', async (_what, args, code, message) => {
    const result = await run(...args)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toMatch(message)
    expect(result.stderr).toMatch(/^tracehold: /)
    expect(result.stderr).not.toMatch(/\n {4}at |secret|s@cret/)
  })

  it('a database that is not there is not made by reading', async () => {
    const before = await readdir(folder)
    for (const args of [['traces', 'list'], ['traces', 'show', 'x'], ['usage'], ['migrate', 'status']]) {
      for (const db of [['--db', 'sqlite:new/new.db'], []]) {
        expect(await run(...args, ...db)).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^tracehold: There is no database at sqlite:.+\.\n.*tracehold import FILE\n$/),
        })
      }
    }
    expect(await readdir(folder)).toEqual(before)
  })

  it('a folder of ClickHouse that is not there is not made by reading', async () => {
    const before = await readdir(folder)
    for (const args of [
      ['traces', 'list'],
      ['migrate', 'status'],
    ]) {
      const { code, stderr } = await run(...args, '--db', 'chdb:./nowhere')
      expect(code).toBe(1)
      expect(stderr).toContain('There is no database at chdb:./nowhere.')
    }
    expect(await readdir(folder)).toEqual(before)
  })

  it('an export that cannot be written', async () => {
    for (const output of ['/no/such/folder/x.jsonl', '.']) {
      const { code, stderr } = await run('export', '--db', 'some.db', '--output', output)
      expect(code).toBe(1)
      expect(stderr).toContain(`tracehold: The file ${output} cannot be written (`)
      expect(stderr).toMatch(/name another file with --output\.\n$/i)
    }
  })

  it('faults of a configuration stand each on its line', async () => {
    const env = { DB_PORT: 'x', DB_MAX_CONNECTIONS: '0', DB_HOST: 'h' }
    const { code, stderr } = await runCommand(['usage'], { cwd: folder, env })
    expect(code).toBe(1)
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      'tracehold: The configuration has 2 faults.',
      expect.stringMatching(/^ {2}DB_PORT \(environment\): must be /),
      expect.stringMatching(/^ {2}DB_MAX_CONNECTIONS \(environment\): must be /),
    ])
  })

  it('a copy of a database into itself, which is nothing to go on with', async () => {
    const { code, stderr } = await run('copy', 'some.db', './some.db')
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'tracehold: Both sides of the copy are sqlite:some.db.\n' })
  })

  it('a schema that is newer, and tables that nobody recorded', async () => {
    await runCommand(['migrate', '--db', 'newer.db'], { cwd: folder })
    const database = new Database(join(folder, 'newer.db'))
    database.exec("insert into tracehold_migrations values (99, 'future', 'x', 0)")
    expect(await run('traces', 'list', '--db', 'newer.db')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Upgrade/),
    })
    database.exec('delete from tracehold_migrations')
    database.close()
    expect(await run('usage', '--db', 'newer.db')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--baseline/),
    })
    expect(await run('migrate', '--baseline', '--db', 'newer.db')).toMatchObject({ code: 0 })
    expect(await run('usage', '--db', 'newer.db')).toMatchObject({ code: 0 })
  })

  it('shows where an error comes from to who asks', async () => {
    const args = ['usage', '--db', 'postgres://u:secret@127.0.0.1:1/d']
    for (const result of [
      await runCommand([...args, '--debug']),
      await runCommand(args, { env: { TRACEHOLD_DEBUG: '1' } }),
    ]) {
      expect(result.stderr).toMatch(/\n {4}at /)
      expect(result.stderr).not.toContain('secret')
    }
  })

  it('colours only what a terminal shows', async () => {
    const list = ['traces', 'list', '--limit', '1', '--db', 'some.db']
    const plain = await run(...list)
    expect(plain.stdout).not.toContain('\u001b')
    expect(await runCommand(list, { cwd: folder, env: { CI: 'true' } })).toMatchObject({ stdout: plain.stdout })
    expect((await runCommand(list, { cwd: folder, env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[')
    const env = { FORCE_COLOR: '1', NO_COLOR: '1' }
    expect(await runCommand(list, { cwd: folder, env })).toMatchObject({ stdout: plain.stdout })
    expect((await runCommand(list, { cwd: folder, columns: 100 })).stdout).toContain('\u001b[')
    expect((await runCommand(list, { cwd: folder, columns: 100, env: { TERM: 'dumb' } })).stdout).not.toContain(
      '\u001b',
    )
  })
})
