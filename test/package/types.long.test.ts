import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

const typed = `import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { openStore } from 'tracehold'
import { spans } from 'tracehold/schema/postgres'
import { InMemoryTraceStore } from 'tracehold/trace-store'
const users = pgTable('users', { id: text('id').primaryKey() })
export const query = (db: ReturnType<typeof drizzle>) =>
  db.select().from(spans).innerJoin(users, eq(users.id, spans.userId))
export const open = () => [openStore('sqlite:x.db'), InMemoryTraceStore]
`

describe('the types of a CommonJS program', () => {
  let app: string

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'tracehold-commonjs-'))
    await mkdir(join(app, 'node_modules/@types'), { recursive: true })
    await symlink(root, join(app, 'node_modules/tracehold'))
    for (const name of ['drizzle-orm', '@types/node', 'better-sqlite3']) {
      await symlink(join(root, 'node_modules', name), join(app, 'node_modules', name))
    }
    await writeFile(join(app, 'package.json'), '{}')
    await writeFile(join(app, 'a.ts'), typed)
  })

  afterAll(() => rm(app, { recursive: true, force: true }))

  it.each([
    ['commonjs', 'node10'],
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['preserve', 'bundler'],
  ])('resolve with module %s and resolution %s', async (module, moduleResolution) => {
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2022',
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
    }
    await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['a.ts'] }))
    const tsc = join(root, 'node_modules/typescript-5.9/bin/tsc')
    const { stdout } = await run(process.execPath, [tsc, '-p', app], { cwd: app }).catch((error) => error)
    expect(stdout).toBe('')
  })
})
