import { expect, it } from 'vitest'
import { describeEmptyBackends } from '../backends.ts'
import { runCommand } from './run-command.ts'

describeEmptyBackends('tracehold migrate', (backend) => {
  const run = (...args: string[]) => runCommand(['migrate', ...args, '--db', backend.url()])

  it('brings an empty database up to date, once', async () => {
    const first = await run('--json')
    expect(first.code).toBe(0)
    const report = first.json<{ from: number; to: number; applied: string[] }>()
    expect(report).toMatchObject({ from: 0, to: report.applied.length })
    expect(report.to).toBeGreaterThan(0)
    expect((await run('--json')).json()).toEqual({ from: report.to, to: report.to, applied: [] })
    expect(await run()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/is up to date \(schema version \d+\)\.\n$/),
    })
    expect((await run('--baseline', '--json')).json()).toMatchObject({ applied: [] })
  })

  it('shows the status', async () => {
    const status = (await run('status', '--json')).json<{ current: number; latest: number }>()
    expect(status).toMatchObject({ current: status.latest, pending: [] })
    expect(status).toHaveProperty('applied.0', expect.objectContaining({ version: 1, name: expect.any(String) }))
    expect((await run('status')).stdout).toMatch(/: schema version (\d+) of \1\n✓ 1 /)
  })

  it('adopts nothing where there are no tables', async () => {
    const { code, stderr } = await runCommand(['migrate', '--baseline', '--db', await backend.fresh()])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^tracehold: There are no tables to adopt/),
    })
  })
})
