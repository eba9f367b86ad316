import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import type { TestDatabase } from '../servers/databases.ts'
import { createMigrated } from '../servers/migrated.ts'

const program = fileURLToPath(new URL('ending-process.mjs', import.meta.url))

describe('a process that ends while a row waits', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createMigrated.sqlite()
  })
  afterAll(() => database.drop())

  const end = async (way: string) => {
    const child = spawn(process.execPath, [program, database.url, way], { stdio: ['ignore', 'ignore', 'pipe'] })
    const [said, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    const store = await openStore(database.url)
    const isStored = (await store.spans.get('t', way)) !== undefined
    await store.close()
    return { isStored, said, code, signal }
  }

  it('by itself stores it', async () => {
    expect(await end('clean')).toMatchObject({ isStored: true, code: 0, said: expect.not.stringMatching(/rows/) })
  })

  it('by a signal that the store handles stores it, and ends by the signal', async () => {
    expect(await end('SIGTERM')).toMatchObject({ isStored: true, signal: 'SIGTERM' })
  })

  it.each(['exit', 'let go'])('by process.exit, or since it may let go, says how many went: %s', async (way) => {
    expect(await end(way)).toMatchObject({
      isStored: false,
      code: 0,
      said: expect.stringMatching(/ended before 1 rows were stored/),
    })
  })
})
