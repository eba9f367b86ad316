import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, inject } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import type { BackendName } from '../backends.ts'
import { createMigrated } from '../servers/migrated.ts'

/** A directory that goes away with the run. */
export const temporary = () => mkdtempSync(join(inject('servers').directory, 'stores-'))

/** Opens stores on databases without rows for the tests of a file; each is gone after its test. */
export function emptyStores(): (engine: BackendName) => Promise<Store> {
  const opened: { store: Store; drop(): Promise<void> }[] = []
  afterEach(async () => {
    for (const { store, drop } of opened.splice(0)) {
      await store.close()
      await drop()
    }
  })
  return async (engine) => {
    const { url, drop } = await createMigrated[engine]()
    const store = await openStore(url, { migrate: true })
    opened.push({ store, drop })
    return store
  }
}
