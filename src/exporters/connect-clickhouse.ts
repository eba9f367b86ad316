import type { createClient } from '@clickhouse/client'
import { loadChdb, loadClient } from '../engines/clickhouse/drivers.ts'
import { type ClickHouseAddress, clickhouseDirectory, clickhouseServer } from '../engines/clickhouse/url.ts'
import { ConfigError } from '../errors.ts'
import { moduleRequire } from '../module-require.ts'
import { adaptClickHouseClient } from './adapt-clickhouse-client.ts'
import type { ClickHouseRecordClient } from './clickhouse-client.ts'

/** After this an insert is given up, in milliseconds. */
const requestTimeoutMs = 30_000

/**
 * Reads a DSN, and returns a function that connects to it.
 *
 * @throws ConfigError for a DSN that cannot be used, whose password is in no message, and for a driver that is missing
 */
export function clickHouseConnector(dsn: string): () => Promise<ClickHouseRecordClient> {
  const address = addressOf(dsn)
  requireDriver('@clickhouse/client')
  if ('path' in address) requireDriver('chdb')
  return () => connect(address)
}

function addressOf(dsn: string): ClickHouseAddress {
  const scheme = /^([a-z]+):/i.exec(dsn)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'clickhouse':
    case 'clickhouses':
    case 'http':
    case 'https': {
      const { address } = clickhouseServer(dsn.replace(/^http/i, 'clickhouse'))
      if ('url' in address && new URL(address.url).search !== '') {
        throw new ConfigError(
          'The dsn of the ClickHouse exporter takes ?secure=true and no other parameter; hand in a client that has them.',
        )
      }
      return /^\w+:\/\/[^/?]+\/[^?]/.test(dsn) ? address : { ...address, database: serverDefault }
    }
    case 'chdb': {
      const { address } = clickhouseDirectory(dsn)
      return /[?&]database=/.test(dsn) ? address : { ...address, database: serverDefault }
    }
    default:
      throw new ConfigError(
        'The dsn of the ClickHouse exporter must be clickhouse://USER:PASSWORD@HOST:8123/DATABASE, clickhouses://…, ' +
          'http(s)://… or chdb:PATH.',
      )
  }
}

/** The database that every server has: records need none of their own, where tracehold's own tables do. */
const serverDefault = 'default'

/** Fails at once where the first export would. */
export function requireDriver(name: string, resolve: (name: string) => unknown = moduleRequire().resolve): void {
  try {
    resolve(name)
  } catch (cause) {
    throw new ConfigError(`The driver '${name}' is not installed. Run: npm install ${name}`, { cause })
  }
}

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

async function connect(address: ClickHouseAddress): Promise<ClickHouseRecordClient> {
  const { createClient } = await loadClient()
  // 127: no log. It would show statements and what the server says of their rows.
  const log = { level: 127 } as const
  if ('path' in address) {
    const { createChdbConnection } = await loadChdb()
    // chdb types its connection with another copy of the client's types.
    const connection = createChdbConnection({ path: address.path }) as unknown as ClientConnection
    const client = createClient({ connection, log })
    await client.command({ query: `USE \`${address.database.replaceAll(/[\\`]/g, '\\$&')}\`` })
    return adaptClickHouseClient(client)
  }
  const { url, database } = address
  return adaptClickHouseClient(
    createClient({
      url,
      database,
      application: 'tracehold',
      request_timeout: requestTimeoutMs,
      compression: { request: true },
      log,
    }),
  )
}
