import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

it('the package has its pages and examples, and says where it comes from', async () => {
  // By the shell on Windows, where npm is a script.
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: root,
    shell: process.platform === 'win32',
  })
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[]
  const paths = packed?.files.map(({ path }) => path) ?? []
  const wanted = ['README.md', 'docs/reading.md', 'docs/limits.md', 'examples/quickstart.ts', 'examples/app/main.ts']
  expect(wanted.filter((path) => !paths.includes(path))).toEqual([])
  expect(paths.filter((path) => path.includes('node_modules') || path.startsWith('test/'))).toEqual([])
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Record<string, unknown>
  expect(manifest).toMatchObject({
    repository: { type: 'git', url: 'git+https://github.com/tracehold/tracehold.git' },
    homepage: expect.stringContaining('github.com/tracehold/tracehold'),
    bugs: expect.stringContaining('github.com/tracehold/tracehold/issues'),
  })
})
