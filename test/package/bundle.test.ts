import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Packages with native code: a bundle leaves them out. */
const native = ['better-sqlite3', 'chdb', 'chdb/connection', 'pg-native']

const service = `import { openStore } from 'tracehold'
async function main() {
  const store = await openStore('sqlite:' + process.argv[2], { migrate: true })
  await store.writers.spans.write([{ traceId: 't', spanId: 'a', name: 'x', startTime: '2026-06-01T00:00:00Z' }])
  console.log((await store.traces.get('t')).spanCount)
  await store.close()
}
main()
`

describe('a service that is bundled into one file', () => {
  let app: string

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'tracehold-bundle-'))
    await mkdir(join(app, 'node_modules'))
    for (const name of ['tracehold', ...native.slice(0, 1)]) {
      await symlink(name === 'tracehold' ? root : join(root, 'node_modules', name), join(app, 'node_modules', name))
    }
    await writeFile(join(app, 'main.mjs'), service)
  })

  afterAll(() => rm(app, { recursive: true, force: true }))

  /** What the bundle prints, away from the package's own files. */
  const outputOf = async (bundle: string) =>
    (await run(process.execPath, [bundle, `${bundle}.db`], { cwd: app })).stdout

  it.each([
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ] as const)('migrates and writes, as esbuild bundles it for %s', async (format, ending) => {
    const outfile = join(app, `esbuild.${ending}`)
    // pg is CommonJS: in an ES module it needs a \`require\` for Node's own modules, as esbuild's users give it.
    const banner = {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    }
    const { warnings } = await build({
      absWorkingDir: app,
      entryPoints: ['main.mjs'],
      outfile,
      bundle: true,
      platform: 'node',
      format,
      external: native,
      logLevel: 'silent',
      ...(format === 'esm' && { banner }),
    })
    // CommonJS has no \`import.meta\`: the package does without.
    expect(warnings.filter(({ id }) => id !== 'empty-import-meta')).toEqual([])
    expect(await outputOf(outfile)).toBe('1\n')
  })

  it('migrates and writes, as rollup bundles it for both kinds of module', async () => {
    const program = join(import.meta.dirname, 'bundle-with-rollup.mjs')
    const output = join(app, 'rollup')
    const { stdout } = await run(process.execPath, [program, join(app, 'main.mjs'), output, native.join(',')])
    expect(JSON.parse(stdout)).toEqual([])
    expect(await outputOf(`${output}.mjs`)).toBe('1\n')
    expect(await outputOf(`${output}.cjs`)).toBe('1\n')
  })
})
