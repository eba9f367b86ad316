import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

const program = `const { openStore, StorageError } = require('tracehold')
const { spans } = require('tracehold/schema/sqlite')
const { eq } = require('drizzle-orm')
const { drizzle } = require('drizzle-orm/better-sqlite3')
async function main() {
  const [path] = process.argv.slice(2)
  const store = await openStore('sqlite:' + path, { migrate: true })
  await store.writers.spans.write([{ traceId: 't', spanId: 'a', name: 'x', startTime: '2026-06-01T00:00:00Z' }])
  await store.close()
  const rows = drizzle(require('better-sqlite3')(path)).select().from(spans).where(eq(spans.traceId, 't')).all()
  const { StorageError: same } = await import('tracehold')
  console.log(rows.length, same === StorageError)
}
main()
`

describe('a CommonJS program', () => {
  let app: string

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'tracehold-commonjs-'))
    await mkdir(join(app, 'node_modules'), { recursive: true })
    await symlink(root, join(app, 'node_modules/tracehold'))
    for (const name of ['drizzle-orm', 'better-sqlite3']) {
      await symlink(join(root, 'node_modules', name), join(app, 'node_modules', name))
    }
    await writeFile(join(app, 'package.json'), '{}')
  })

  afterAll(() => rm(app, { recursive: true, force: true }))

  it('requires the package beside its own drizzle-orm, and an import finds the same classes', async () => {
    await writeFile(join(app, 'run.cjs'), program)
    const { stdout } = await run(process.execPath, ['run.cjs', join(app, 'x.db')], { cwd: app })
    expect(stdout).toBe('1 true\n')
  })
})
