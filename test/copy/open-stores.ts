import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, inject } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { createEmbeddedDatabase } from '../servers/clickhouse.ts'
import { createDatabase } from '../servers/databases.ts'

/** A directory that goes away with the run. */
export const temporary = () => mkdtempSync(join(inject('servers').directory, 'stores-'))

const places = {
  sqlite: async () => ({ url: `sqlite:${join(temporary(), 'a.db')}`, drop: async () => {} }),
  postgres: () => createDatabase(),
  clickhouse: () => createEmbeddedDatabase(),
}

/** Opens stores on empty databases for the tests of a file; each is gone after its test. */
export function emptyStores(): (engine: keyof typeof places) => Promise<Store> {
  const opened: { store: Store; drop(): Promise<void> }[] = []
  afterEach(async () => {
    for (const { store, drop } of opened.splice(0)) {
      await store.close()
      await drop()
    }
  })
  return async (engine) => {
    const { url, drop } = await places[engine]()
    const store = await openStore(url, { migrate: true })
    opened.push({ store, drop })
    return store
  }
}
