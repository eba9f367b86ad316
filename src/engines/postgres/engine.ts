import type { Engine } from '../engine.ts'
import type { PostgresPoolOptions } from './options.ts'
import { type PostgresAddress, parsePostgresUrl, urlForm } from './url.ts'

/** PostgreSQL, one server or several of which one takes the writes. */
export const postgresEngine: Engine<PostgresPoolOptions> = {
  schemes: ['postgres', 'postgresql'],
  urlForms: [urlForm],
  hasReplicas: true,
  parse(url) {
    const address = parsePostgresUrl(url)
    return {
      location: address.location,
      path: undefined,
      drivers: ['postgres', 'pg', 'pg-copy-streams'],
      settings: settingsOf(address),
      async loadDrivers() {
        const { loadPostgresDrivers } = await import('./drivers.ts')
        return loadPostgresDrivers()
      },
      async open(options) {
        const { PostgresPool } = await import('./pool.ts')
        return PostgresPool.open(address, options)
      },
    }
  },
}

const settingsOf = ({ tls, applicationName, connectTimeoutMs, statementTimeoutMs }: PostgresAddress) => ({
  'tls.mode': tls.mode,
  'tls.caFile': tls.caFile,
  'tls.certFile': tls.certFile,
  'tls.keyFile': tls.keyFile,
  applicationName,
  connectTimeoutMs,
  statementTimeoutMs,
})
