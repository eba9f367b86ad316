import { ConfigError, MigrationError } from '../../errors.ts'
import { shippedMigrations } from '../migration-files.ts'
import { defaultClickHouseDatabase } from './url.ts'

/** How the tables are laid out on a cluster. */
export interface ClickHouseClusterOptions {
  /** The cluster, as `remote_servers` in the servers' configuration calls it. */
  cluster: string
  /** The ClickHouse database that is created for the tables. @default 'tracehold' */
  database?: string | undefined
  /** How much time a partition holds: what is dropped at once when its time has come. @default 'day' */
  partitionBy?: 'day' | 'month' | undefined
}

/**
 * What decides the shard of a row, so that all versions of a row are on one. The spans of a trace are together, and with
 * them the row that is worked out from them.
 */
const shardingKeys: Readonly<Record<string, string>> = {
  spans: 'trace_id',
  authored_traces: 'trace_id',
  trace_times: 'trace_id',
  traces: 'trace_id',
  events: 'trace_id',
  results: 'result_id',
  metrics: 'name',
  metric_points: 'point_id',
  logs: 'log_id',
  leases: 'name',
  tombstones: 'key',
  kept_usage: 'batch_id',
}

const createTable =
  /^CREATE TABLE IF NOT EXISTS (\w+)\n(\([\s\S]*\n\))\nENGINE = (\w*MergeTree)(?:\((\w+)\))?\n([\s\S]*?);?$/

/** Codecs are a matter of where rows are stored: what changes a column's name or type would be said of both tables. */
const modifyCodecs = /^ALTER TABLE (\w+)\n((?: {2}MODIFY COLUMN [^\n]* CODEC\([^\n]*\)[,;]?(?:\n|$))+)$/

/** Indexes are where rows are stored. */
const changeIndex = /^ALTER TABLE (\w+)\n {2}((?:ADD|DROP|MATERIALIZE) INDEX [^;]*);?\s*$/

/** Columns are of both tables: where rows are stored with their codecs, and where they are read and written. */
const addColumns =
  /^ALTER TABLE (\w+)\n((?: {2}ADD COLUMN IF NOT EXISTS [^\n]* CODEC\([^\n]*\)[,;]?(?:\n|$))+)( {2}MODIFY ORDER BY \([^\n]*\);?\n?)?$/

/**
 * The shipped tables as statements for a cluster: a replicated table on every shard, and over them a distributed one of
 * the name that the package reads and writes. Run them once, on any server, then `tracehold migrate --baseline`; and
 * again after an upgrade that has new migrations: what is there already stays.
 *
 * @throws ConfigError for a cluster without a name; MigrationError when a migration holds a statement that has no form for a cluster
 *
 * @example
 * for (const statement of clickhouseClusterStatements({ cluster: 'events' })) await client.command({ query: statement })
 */
export function clickhouseClusterStatements({
  cluster,
  database = defaultClickHouseDatabase,
  partitionBy = 'day',
}: ClickHouseClusterOptions): string[] {
  if (cluster === '')
    throw new ConfigError('The cluster has no name. It is the one in `remote_servers` of the servers.')
  const on = `ON CLUSTER ${quoted(cluster)}`
  const named = (table: string) => `${quoted(database)}.${table}`
  const render = (statement: string): string[] => {
    const bare = statement.replaceAll(/^--.*\n/gm, '')
    const [, altered, changes = ''] = modifyCodecs.exec(bare) ?? []
    if (altered !== undefined) return [`ALTER TABLE ${named(`${altered}_shard`)} ${on}\n${changes.replace(/;$/, '')}`]
    const [, widened, added = '', key = ''] = addColumns.exec(bare) ?? []
    if (widened !== undefined) {
      const columns = added.replace(/[,;]\s*$/, '')
      // Only the table that stores rows has an order.
      const order = key && `,\n${key.replace(/;\s*$/, '')}`
      const withoutCodecs = columns.replaceAll(/ CODEC\([^\n]*\)(,?)$/gm, '$1')
      return [
        `ALTER TABLE ${named(`${widened}_shard`)} ${on}\n${columns}${order}`,
        `ALTER TABLE ${named(widened)} ${on}\n${withoutCodecs}`,
      ]
    }
    const [, searched, ofIndex] = changeIndex.exec(bare) ?? []
    if (searched !== undefined) return [`ALTER TABLE ${named(`${searched}_shard`)} ${on}\n  ${ofIndex}`]
    const [, table = '', columns, engine, version, rest = ''] = createTable.exec(bare) ?? []
    const shardingKey = shardingKeys[table]
    if (shardingKey === undefined)
      throw new MigrationError(`No form for a cluster is known of: ${statement.slice(0, 60)}`)
    const engineArguments = [
      "'/clickhouse/tables/{shard}/{database}/{table}'",
      "'{replica}'",
      ...(version ? [version] : []),
    ]
    const layout = rest
      // Replicated tables remember the tokens of inserts by themselves.
      .replace(/non_replicated_deduplication_window = \d+(, )?/, '')
      .replace(/\nSETTINGS $/, '')
      .replace('toYYYYMM(', partitionBy === 'day' ? 'toYYYYMMDD(' : 'toYYYYMM(')
    return [
      `CREATE TABLE IF NOT EXISTS ${named(`${table}_shard`)} ${on}\n${columns}\nENGINE = Replicated${engine}(${engineArguments.join(', ')})\n${layout}`,
      `CREATE TABLE IF NOT EXISTS ${named(table)} ${on} AS ${named(`${table}_shard`)}\n` +
        `ENGINE = Distributed(${literal(cluster)}, ${literal(database)}, '${table}_shard', cityHash64(${shardingKey}))`,
    ]
  }
  return [
    `CREATE DATABASE IF NOT EXISTS ${quoted(database)} ${on}`,
    ...shippedMigrations('clickhouse').flatMap(({ statements }) => statements.flatMap(render)),
    // One table that every server has whole.
    `CREATE TABLE IF NOT EXISTS ${named('migrations')} ${on}\n` +
      "(\n  version Int32,\n  name String,\n  sha256 String,\n  applied_at DateTime64(6, 'UTC') DEFAULT now64(6)\n)\n" +
      "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')\n" +
      'ORDER BY version',
  ]
}

const quoted = (name: string) => `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``
const literal = (text: string) => `'${text.replaceAll(/[\\']/g, '\\$&')}'`
