import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { describeBackendsForProcesses } from '../backends.ts'
import { root, runProgram } from '../schema/run-program.ts'

// The examples are compiled against the package as it is published, and run as their readers would run them.
beforeAll(async () => {
  await runProgram('node_modules/typescript/bin/tsc', ['-p', 'examples/records'])
}, 120_000)

describeBackendsForProcesses('the examples of results, metrics and logs', (backend) => {
  it.each([
    [
      'results',
      ['v1: 0.5 passed, score 0.55', 'fails now: refund', 'passes now: cancel', 'flaky: cancel (1), refund (1)'],
    ],
    ['metrics', ['4 points, mean 265, p95 417.0', '2026-11-12 130', 'changed by -290 ms: better']],
    [
      'logs',
      [
        '2026-11-20T10:03:01.000000Z card declined by the bank',
        '3 lines of the trace,',
        "last: { retry: 'in one minute' }",
      ],
    ],
  ])('%s runs as it says', async (name, lines) => {
    const { code, output } = await run(join(root, `build/records/${name}.js`), backend.url())
    expect(code, output).toBe(0)
    for (const line of lines) expect(output).toContain(line)
  })
})

async function run(program: string, url: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [program, url])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const [code] = await once(child, 'close')
  return { code, output }
}
