import type { ConfigOptions } from '../config/config.ts'
import { readConfig } from '../config/load-config.ts'
import { resolveSettings } from '../config/resolve.ts'
import { optionSource } from '../config/sources.ts'
import { ConfigError } from '../errors.ts'
import type { StoreOptions } from './store.ts'

/**
 * The options of a store without a URL: the configuration, with the options of the program over it.
 *
 * @param needsDatabase whether the default database is a fault
 * @throws ConfigError with every fault
 */
export function configuredStore(options: StoreOptions, needsDatabase = false): StoreOptions & { url: string } {
  const { config, entries, error } = readConfig(asSettings(options))
  if (error) throw error
  if (needsDatabase && entries.some(({ setting, source }) => setting.key === 'url' && source === 'default')) {
    throw new ConfigError(
      'openStore got a URL that is undefined, and nothing else names a database. Set the variable that the URL comes ' +
        `from, or call openStore() without one, which opens ${config.url}.`,
    )
  }
  // An option that is no setting, such as a function, stays as it is.
  return { ...options, ...config, writers: { ...options.writers, ...config.writers } }
}

/**
 * The options of a store with a URL, checked. The configuration is not read.
 *
 * @throws ConfigError with every fault
 */
export function givenStore(url: string, options: StoreOptions): StoreOptions & { url: string } {
  const { error } = resolveSettings([optionSource({ ...asSettings(options), url: undefined })], undefined)
  if (error) throw error
  return { ...options, url }
}

/** A store's options by the names that settings have. */
function asSettings(options: StoreOptions): ConfigOptions {
  const { cache, redis } = options
  return {
    ...options,
    cache: typeof cache === 'object' ? { enabled: true, ...cache } : { enabled: cache },
    redis: typeof redis === 'string' ? { url: redis } : redis,
  }
}
