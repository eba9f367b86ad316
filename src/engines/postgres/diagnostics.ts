import type { Diagnostics, IndexState, Replication } from '../diagnostics.ts'
import { expectedIndexes } from '../expected-indexes.ts'
import { type Finding, failed, ok, warning } from '../finding.ts'
import { isOlder } from '../older-version.ts'
import type { Pool } from '../pool.ts'
import { isLocalHost, unencrypted } from '../tls-finding.ts'
import { oldestServer } from './oldest-server.ts'
import { checkRights, checkRowSecurity } from './rights.ts'
import type { PostgresServers } from './servers.ts'
import { storedParts } from './stored-parts.ts'
import type { PostgresTransactions } from './transactions.ts'

type Database = Pick<Pool, 'rows' | 'health'> & PostgresTransactions

/** What is asked of a PostgreSQL server. */
export const postgresDiagnostics = (pool: Database, servers: PostgresServers): Diagnostics => ({
  server: () => checkServer(pool),
  indexes: () => indexes(pool),
  storedParts: (options) => storedParts(pool, options),
  tls: () => checkTls(pool, servers),
  async clock() {
    const [row] = await pool.rows('select extract(epoch from clock_timestamp()) * 1000', [])
    return Number(row?.[0])
  },
  rights: () => checkRights(pool),
  rowSecurity: (projectId) => checkRowSecurity(pool, projectId),
  replication: () => replication(pool),
})

async function checkServer(pool: Database): Promise<Finding> {
  const { version = '' } = await pool.health()
  const name = `PostgreSQL ${version.split(' ', 1)[0]}`
  if (isOlder(version, [oldestServer])) {
    return failed(`${name} is too old`, `Upgrade it to ${oldestServer} or newer.`)
  }
  if (!(await isStandby(pool))) return ok(name)
  return warning(`${name} is a standby and takes no writes`, 'Name the primary in the URL.')
}

/** Asked where writes go: of several servers, reads may be at another. */
function isStandby(pool: Database): Promise<boolean> {
  return pool.withConnection('ask the server', async (connection) => {
    const { rows } = await connection.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')
    return rows[0]?.standby === true
  })
}

const existing = `select relname, (indisvalid and indisready)::int from pg_index join pg_class on pg_class.oid = indexrelid
  where relnamespace = to_regnamespace('tracehold')`
const primaryKey = /create table ("tracehold"\."\w+").*?(constraint "(\w+)" primary key\([^)]*\))/gis

const addedKey = /alter table "tracehold"\."\w+" add constraint "(\w+)" primary key\([^)]*\)/i

async function indexes(pool: Database): Promise<IndexState> {
  const rows = (await pool.rows(existing, [])) as [string, number][]
  return {
    expected: expectedIndexes('postgres', primaryKeys),
    found: new Map(rows.map(([name, isUsable]) => [name, isUsable !== 0])),
    repair: (name) => `REINDEX INDEX CONCURRENTLY tracehold."${name}"`,
  }
}

function* primaryKeys(statement: string): Generator<[name: string, statement: string]> {
  for (const [, table, constraint, name = ''] of statement.matchAll(primaryKey)) {
    yield [name, `ALTER TABLE ${table} ADD ${constraint}`]
  }
  const [added, name = ''] = addedKey.exec(statement) ?? []
  if (added !== undefined) yield [name, added]
}

const remedy = 'Write ?sslmode=verify-full in the URL, or set DB_SSL_MODE=verify-full.'

async function checkTls(pool: Database, { address, tlsMode, isVerified }: PostgresServers): Promise<Finding> {
  const [row] = await pool.rows('select ssl::int, version, cipher from pg_stat_ssl where pid = pg_backend_pid()', [])
  const [isEncrypted, version, cipher] = row ?? []
  const hosts = address.hosts.map(({ host }) => host)
  if (isEncrypted !== 1) return unencrypted(hosts, remedy)
  const how = `${version} (${cipher})`
  if (isVerified || hosts.every(isLocalHost)) return ok(`${how}, sslmode ${tlsMode}`)
  return warning(`${how}, but nobody checks the server's certificate`, remedy)
}

const replicaState = `select pg_is_in_recovery()::int,
  case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
    else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000 end`

async function replication(pool: Database): Promise<Replication> {
  const [row] = await pool.rows(replicaState, [])
  return { isReplica: row?.[0] === 1, behindMs: Number(row?.[1] ?? 0) }
}
