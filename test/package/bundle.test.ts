import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** A bundle leaves out what has native code. */
const external = ['better-sqlite3']

/** Writes to SQLite, then meets the packages of the other engines, which are not installed. */
const service = `import { openStore } from 'tracehold'
const failure = (url, options) => openStore(url, options).catch((error) => error.message)
async function main() {
  const store = await openStore('sqlite:' + process.argv[2], { migrate: true })
  await store.writers.spans.write([{ traceId: 't', spanId: 'a', name: 'x', startTime: '2026-06-01T00:00:00Z' }])
  console.log((await store.traces.get('t')).spanCount)
  await store.close()
  console.log(await failure('postgres://app@127.0.0.1/app'))
  console.log(await failure('sqlite:' + process.argv[2], { redis: 'redis://127.0.0.1' }))
}
main()
`
const missing = ['@clickhouse/client', 'chdb/connection', 'ioredis', 'pg', 'pg-copy-streams', 'postgres']
const output = `1
The drivers 'postgres', 'pg', 'pg-copy-streams' are not installed. Run: npm install postgres pg pg-copy-streams
The driver 'ioredis' is not installed. Run: npm install ioredis
`

describe('a service that is bundled into one file, with one driver installed', () => {
  let app: string

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'tracehold-bundle-'))
    const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    for (const name of [...Object.keys(dependencies), 'drizzle-orm', ...external]) {
      const link = join(app, 'node_modules', name)
      await mkdir(dirname(link), { recursive: true })
      await symlink(join(root, 'node_modules', name), link)
    }
    for (const part of ['package.json', 'dist', 'drizzle']) {
      await cp(join(root, part), join(app, 'node_modules/tracehold', part), { recursive: true })
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
    const { warnings } = await build({
      absWorkingDir: app,
      entryPoints: ['main.mjs'],
      outfile,
      bundle: true,
      platform: 'node',
      format,
      external,
      logLevel: 'silent',
    })
    // CommonJS has no `import.meta`: the package does without.
    expect(warnings.filter(({ id }) => id !== 'empty-import-meta')).toEqual([])
    expect(await outputOf(outfile)).toBe(output)
  })

  it('migrates and writes, as rollup bundles it for both kinds of module', async () => {
    const program = join(import.meta.dirname, 'bundle-with-rollup.mjs')
    const target = join(app, 'rollup')
    const { stdout } = await run(process.execPath, [program, join(app, 'main.mjs'), target, external.join(',')])
    // rollup names each package that is missing, and leaves its import as it is.
    expect(JSON.parse(stdout).sort()).toEqual(missing)
    expect(await outputOf(`${target}.mjs`)).toBe(output)
    expect(await outputOf(`${target}.cjs`)).toBe(output)
  })
})
