import { type ConfigOptions, loadConfig } from '../config/load-config.ts'
import { resolveSettings } from '../config/resolve.ts'
import { optionSource } from '../config/sources.ts'
import type { StoreOptions } from './store.ts'

/**
 * The options of a store whose database nobody named: what is configured, under what the program gives.
 *
 * @throws ConfigError with every fault
 */
export function configuredStore(options: StoreOptions): StoreOptions & { url: string } {
  const config = loadConfig(asSettings(options))
  // What has no setting, such as a function, stays as the program gave it.
  return { ...options, ...config, writers: { ...options.writers, ...config.writers } }
}

/**
 * The options of a store at a URL, as they are given: what is configured does not count.
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
