import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { openStore } from '../../src/index.ts'
import { copyEmbeddedDatabase, createEmbeddedDatabase } from './clickhouse.ts'
import { createDatabase, databaseOf, type TestDatabase } from './databases.ts'

/** An empty SQLite file in a directory of its own. */
export async function createFile(): Promise<TestDatabase> {
  const directory = await mkdtemp(join(inject('servers').directory, 'sqlite-'))
  return { url: `sqlite:${join(directory, 'test.db')}`, drop: () => rm(directory, { recursive: true }) }
}

/** A database of this process that has our tables; the run's end removes it. */
async function migrate({ url }: TestDatabase): Promise<string> {
  await (await openStore(url, { migrate: true })).close()
  return url
}

/** Asks once, and gives everybody the same answer. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask()
    return answer
  }
}

const file = once(async () => migrate(await createFile()))
const postgres = once(async () => migrate(await createDatabase()))
const clickhouse = once(async () => migrate(await createEmbeddedDatabase()))

const pathOf = (url: string) => url.slice('sqlite:'.length)

/** Databases that have our tables: copies of one that this process migrates once for each engine. */
export const createMigrated = {
  async sqlite(): Promise<TestDatabase> {
    const created = await createFile()
    await copyFile(pathOf(await file()), pathOf(created.url))
    return created
  },
  postgres: async (): Promise<TestDatabase> => createDatabase({ template: databaseOf(await postgres()) }),
  clickhouse: async (): Promise<TestDatabase> => copyEmbeddedDatabase(await clickhouse()),
}
