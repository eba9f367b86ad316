import type { Diagnostics, IndexState } from '../diagnostics.ts'
import { expectedIndexes } from '../expected-indexes.ts'
import { type Finding, failed, ok } from '../finding.ts'
import { isOlder } from '../older-version.ts'
import type { Pool, ReadOptions } from '../pool.ts'
import { unencrypted } from '../tls-finding.ts'
import { oldestServer } from './oldest-server.ts'
import { checkOwnLogs } from './own-logs.ts'
import { checkRights } from './rights.ts'
import type { ClickHouseStatements } from './statements.ts'
import { storedParts } from './stored-parts.ts'
import type { ClickHouseAddress } from './url.ts'

type Database = ClickHouseStatements & Pick<Pool, 'rows' | 'health'>

/** What is asked of a ClickHouse server, or of the engine in this process. */
export function clickhouseDiagnostics(pool: Database, address: ClickHouseAddress): Diagnostics {
  const everywhere = {
    server: () => checkServer(pool),
    indexes: () => indexes(pool),
    storedParts: (options?: ReadOptions) => storedParts(pool, options),
  }
  if ('path' in address) return { ...everywhere, noServer: 'the engine runs in this process' }
  return {
    ...everywhere,
    tls: async () => tlsOf(new URL(address.url)),
    async clock() {
      const [row] = await pool.rows('select toUnixTimestamp64Milli(now64(3))', [])
      return Number(row?.[0])
    },
    rights: () => checkRights(pool),
    ownLogs: () => checkOwnLogs(pool),
  }
}

async function checkServer(pool: Database): Promise<Finding> {
  const { version = '' } = await pool.health()
  const name = `ClickHouse ${version.split(' ', 1)[0]}`
  if (!isOlder(version, oldestServer)) return ok(name)
  return failed(`${name} is too old`, `Upgrade it to ${oldestServer.join('.')} or newer.`)
}

function tlsOf({ protocol, hostname }: URL): Finding {
  if (protocol === 'https:') return ok('HTTPS, and the certificate is checked')
  return unencrypted([hostname], 'Write clickhouses://… in the URL.')
}

// On a cluster they are those of the tables below, whose names differ; those of indexes do not.
const existing = 'select distinct name from system.data_skipping_indices where database = currentDatabase()'
const createTable = /CREATE TABLE IF NOT EXISTS (\w+)/
const addIndex = /ALTER TABLE (\w+)\n\s*ADD (INDEX) IF NOT EXISTS ((\w+) .*? GRANULARITY \d+)/
const skipIndex = /^\s*(INDEX (\w+) .*? GRANULARITY \d+),?$/gm

async function indexes(pool: Database): Promise<IndexState> {
  const rows = (await pool.rows(existing, [])) as [string][]
  return { expected: expectedIndexes('clickhouse', skipIndexes), found: new Map(rows.map(([name]) => [name, true])) }
}

/** Indexes are lines of their tables. */
function* skipIndexes(statement: string): Generator<[name: string, statement: string]> {
  const [, table] = createTable.exec(statement) ?? []
  for (const [, index, name = ''] of statement.matchAll(skipIndex)) {
    yield [name, addition(table, index, name)]
  }
  const [, altered, index, definition, name = ''] = addIndex.exec(statement) ?? []
  if (altered !== undefined) yield [name, addition(altered, `${index} ${definition}`, name)]
}

const addition = (table: string | undefined, index: string | undefined, name: string) =>
  `ALTER TABLE ${table} ADD ${index}; ALTER TABLE ${table} MATERIALIZE INDEX ${name}`
