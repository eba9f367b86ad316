import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

describe('help of the command', () => {
  it.each([
    [[]],
    [['import']],
    [['traces', 'list']],
    [['traces', 'show']],
    [['traces', 'tail']],
    [['spans', 'list']],
    [['sessions', 'list']],
    [['usage']],
    [['latency']],
    [['export']],
    [['results', 'list']],
    [['results', 'compare']],
    [['metrics', 'list']],
    [['metrics', 'show']],
    [['metrics', 'points']],
    [['logs', 'search']],
    [['logs', 'tail']],
    [['serve']],
    [['migrate']],
    [['migrate', 'status']],
    [['roles', 'print']],
    [['size']],
    [['doctor']],
  ])('%j tells its options and gives examples', async (path) => {
    const { code, stdout, stderr } = await runCommand([...path, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: ${['tracehold', ...path].join(' ')}`)
    expect(stdout).toMatch(/--db <url>.*--json/s)
    expect(stdout).toMatch(/\nExamples:\n {2}\$ tracehold /)
  })

  it('comes by itself when there is no command', async () => {
    for (const path of [[], ['traces']]) {
      const { code, stdout, stderr } = await runCommand(path)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^Usage: tracehold/)
    }
  })

  it('knows the version', async () => {
    expect(await runCommand(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })
})
