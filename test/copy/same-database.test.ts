import { symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyStore } from '../../src/copy/copy-store.ts'
import { syncStores } from '../../src/copy/sync-stores.ts'
import { ConfigError, openStore } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../servers/databases.ts'
import { temporary } from './open-stores.ts'

/** The errors of a copy and of a sync between two URLs. */
async function outcomes(fromUrl: string, toUrl: string): Promise<unknown[]> {
  const [from, to] = [await openStore(fromUrl, { migrate: true }), await openStore(toUrl)]
  const settled = await Promise.allSettled([copyStore(from, to), syncStores(from, to, { once: true })])
  await Promise.all([from.close(), to.close()])
  return settled.map((each) => (each.status === 'rejected' ? each.reason : 'done'))
}

describe('one database by two names', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase()
  })
  afterAll(() => database.drop())

  it('is not copied into itself: a file of SQLite', async () => {
    const path = join(temporary(), 'a.db')
    const link = join(temporary(), 'link.db')
    symlinkSync(path, link)
    for (const other of [path, relative(process.cwd(), path), link]) {
      expect(await outcomes(`sqlite:${path}`, `sqlite:${other}`)).toEqual([
        expect.objectContaining({ message: `Both sides of the copy are sqlite:${path}.` }),
        expect.any(ConfigError),
      ])
    }
  })

  it('is not copied into itself: a database of PostgreSQL', async () => {
    const other = Object.assign(new URL(database.url), { hostname: 'localhost' }).href
    expect(other).not.toBe(database.url)
    expect(await outcomes(database.url, other)).toEqual([expect.any(ConfigError), expect.any(ConfigError)])
  })

  it('and another one of the same server is another one', async () => {
    const second = await createDatabase()
    const to = await openStore(second.url, { migrate: true })
    await to.close()
    expect(await outcomes(database.url, second.url)).toEqual(['done', 'done'])
    await second.drop()
  })
})
