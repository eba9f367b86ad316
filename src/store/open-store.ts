import { openPool } from '../engines/open-pool.ts'
import type { Pool } from '../engines/pool.ts'
import { ConfigError, MigrationError } from '../errors.ts'
import { Migrator } from '../migrations/migrator.ts'
import { closeOnSignals } from './close-on-signals.ts'
import { Store, type StoreOptions } from './store.ts'
import { configuredStore, givenStore } from './store-config.ts'
import { StoreServices } from './store-services.ts'
import { Views } from './views.ts'

/**
 * Opens a store.
 *
 * @param url `sqlite:PATH`, `postgres://…`, `clickhouse://…` or `chdb:PATH`. Without it the store is opened as it is
 *   configured (see `loadConfig`): by `options`, the environment and the configuration file, else it is
 *   `sqlite:.tracehold/traces.db`. Given as undefined, such as by a variable that is not set, it must be configured.
 * @throws ConfigError for a URL or an option that cannot be used; ConnectionError when the database cannot be reached;
 *   MigrationError when its schema does not fit
 *
 * @example
 * const store = await openStore('sqlite:traces.db', { migrate: true })
 * await store.writers.spans.write({ traceId: 't1', spanId: 's1', name: 'chat', kind: 'llm', startTime: new Date() })
 * const { items } = await store.traces.list({ limit: 10 })
 * await store.close()
 */
export async function openStore(...given: [url?: string | undefined, options?: StoreOptions]): Promise<Store> {
  const [url, options = {}] = given
  if (url === '') throw new ConfigError('openStore got an empty URL. Set the variable that it comes from.')
  // Who gives a variable that is not set does not want a file in the working directory.
  const settings = url === undefined ? configuredStore(options, given.length > 0) : givenStore(url, options)
  const pool = await openPool(settings)
  try {
    await prepareSchema(pool, settings.migrate ?? false)
    const views = new Views<Store>()
    const store = new Store(pool, settings, views, await StoreServices.open(pool, settings))
    const { closeOnSignals: asked } = settings
    if (asked) views.onClose = closeOnSignals((ms) => store.close(ms), asked === true ? {} : asked)
    return store
  } catch (error) {
    await pool.close()
    throw error
  }
}

async function prepareSchema(pool: Pool, migrate: boolean): Promise<void> {
  const migrator = new Migrator(pool)
  const { current, latest } = await migrator.status()
  if (current === latest) return
  if (migrate) await migrator.migrate()
  else {
    throw new MigrationError(
      `The schema of ${pool.location} is at version ${current} and this package needs ${latest}. ` +
        'Run `tracehold migrate`, or open the store with { migrate: true }.',
    )
  }
}
