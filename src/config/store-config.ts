import type { StoreOptions } from '../store.ts'
import { loadConfig } from './load-config.ts'

/**
 * The options of a store whose database nobody named: what is configured, under what the program gives.
 *
 * @throws ConfigError with every fault
 */
export function configuredStore(options: StoreOptions): StoreOptions & { url: string } {
  const { cache, redis, writers } = options
  const config = loadConfig({
    ...options,
    cache: typeof cache === 'object' ? { enabled: true, ...cache } : { enabled: cache },
    redis: typeof redis === 'string' ? { url: redis } : redis,
  })
  // What has no setting, such as a function, stays as the program gave it.
  return { ...options, ...config, writers: { ...writers, ...config.writers } }
}
