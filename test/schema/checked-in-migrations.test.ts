import { cp, mkdtemp, readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { root, runProgram } from './run-program.ts'

const dialects = { postgres: 'postgresql', sqlite: 'sqlite' } as const

describe.concurrent('the checked-in migrations', () => {
  for (const [engine, dialect] of Object.entries(dialects)) {
    it(`of ${engine} are not behind schema/`, async () => {
      const checkedIn = join(root, 'drizzle', engine)
      const copy = await mkdtemp(join(inject('servers').directory, `${engine}-migrations-`))
      await cp(checkedIn, copy, { recursive: true })
      const before = await filesOf(copy)

      const schema = `./schema/${engine}.ts`
      const output = await runProgram('node_modules/drizzle-kit/bin.cjs', [
        'generate',
        ...[`--dialect=${dialect}`, `--schema=${schema}`, `--out=${relative(root, copy)}`],
      ])

      expect(await filesOf(copy), `run npm run generate: drizzle-kit said\n${output}`).toEqual(before)
      expect(output).toMatch(/No schema changes/)
    })
  }

  it.each(['postgres', 'sqlite', 'clickhouse'])('of %s have the numbers from 0 up, each once', async (engine) => {
    const files = (await readdir(join(root, 'drizzle', engine))).filter((name) => name.endsWith('.sql'))
    expect(files.map((name) => Number(name.slice(0, 4))).sort((a, b) => a - b)).toEqual(files.map((_, n) => n))
  })

  it('of postgres can run where the schema exists already, which drizzle-kit never writes by itself', async () => {
    const first = await readFile(join(root, 'drizzle/postgres/0000_init.sql'), 'utf8')
    expect(first).toMatch(/^CREATE SCHEMA IF NOT EXISTS "tracehold";/)
  })
})

async function filesOf(directory: string): Promise<Record<string, string>> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(files.sort().map(async (file) => [relative(directory, file), await readFile(file, 'utf8')])),
  )
}
