import { afterAll, beforeAll } from 'vitest'
import { openStore, type Store } from '../src/index.ts'

/**
 * A store that the tests of a suite share, on a database of their own.
 *
 * @returns what tells it, once the suite's tests run
 */
export function suiteStore(createDatabase: () => Promise<{ url: string; drop(): Promise<void> }>): () => Store {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let store: Store
  beforeAll(async () => {
    database = await createDatabase()
    store = await openStore(database.url, { migrate: true })
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })
  return () => store
}
