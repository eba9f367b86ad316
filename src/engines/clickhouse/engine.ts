import type { Engine } from '../engine.ts'
import type { ClickHousePoolOptions } from './options.ts'
import { parseClickHouseUrl, urlForms } from './url.ts'

/** ClickHouse: a server, or the engine in this process on a folder. */
export const clickhouseEngine: Engine<ClickHousePoolOptions> = {
  schemes: ['clickhouse', 'clickhouses', 'chdb'],
  urlForms,
  parse(url, cwd) {
    const { address, location } = parseClickHouseUrl(url, cwd)
    const isEmbedded = 'path' in address
    return {
      location,
      path: isEmbedded ? address.path : undefined,
      drivers: ['@clickhouse/client', ...(isEmbedded ? ['chdb'] : [])],
      async loadDrivers() {
        const { loadChdb, loadClient } = await import('./drivers.ts')
        return Promise.all([loadClient(), ...(isEmbedded ? [loadChdb()] : [])])
      },
      async open(options) {
        const { ClickHousePool } = await import('./pool.ts')
        return ClickHousePool.open(address, location, options)
      },
    }
  },
}
