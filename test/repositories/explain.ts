import Database from 'better-sqlite3'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { drizzle as drizzleProxy } from 'drizzle-orm/pg-proxy'
import pg from 'pg'
import type { Pool } from '../../src/engines/pool.ts'
import { PostgresCommitOrder } from '../../src/engines/postgres/commit-order.ts'
import { SqliteCommitOrder } from '../../src/engines/sqlite/commit-order.ts'
import type { KnownDifference } from '../backends.ts'

/** How an engine answers a query, as far as tests look at it. */
export interface Plan {
  /** The query as it was asked, with its parameters left open. */
  readonly query: string
  readonly text: string
  /** The indexes that it reads. */
  readonly indexes: string[]
  /** The tables that it reads from end to end. */
  readonly scans: string[]
}

/** A pool that repositories read from, and the plans of what they asked. */
export interface Explainer {
  readonly pool: Pool
  /** The plans of the queries of a call, in the order in which it made them. */
  plansOf(call: () => Promise<unknown>): Promise<Plan[]>
  close(): Promise<void>
}

interface Query {
  readonly text: string
  readonly params: unknown[]
}

/** Why ClickHouse is left out where plans are looked at. */
export const orderKeys: KnownDifference = {
  backend: 'clickhouse',
  because: 'order keys and data-skipping indexes stand in for indexes of rows, and plans there do not show them',
}

/** What repositories read with. It is its own primary: there is no replica. */
function poolOf(
  parts: Pick<Pool, 'tables' | 'keptUsageTable' | 'dialect' | 'rows' | 'commitOrder'> & { readonly db: unknown },
): Pool {
  const pool = { ...parts, snapshot: oneByOne(parts.rows) } as unknown as Pool
  return Object.assign(pool, { primary: pool })
}

/** Takes a pool's tables and dialect, and a database of its own that writes down what is asked. */
export async function openExplainer(url: string, pool: Pool): Promise<Explainer> {
  return pool.name === 'sqlite' ? explainSqlite(url, pool) : explainPostgres(url, pool)
}

function explainSqlite(url: string, { tables, keptUsageTable, dialect, location }: Pool): Explainer {
  const queries: Query[] = []
  const client = new Database(url.slice('sqlite:'.length), { readonly: true })
  // Filters call it, to end where they must.
  client.function('tracehold_pulse', () => 1)
  const db = drizzleSqlite(client, { logger: { logQuery: (text, params) => queries.push({ text, params }) } })
  const rows: Pool['rows'] = async (text, params) => {
    queries.push({ text, params: [...params] })
    return client
      .prepare<unknown[]>(text)
      .raw()
      .all(...params) as unknown[][]
  }
  return {
    pool: poolOf({ db, tables, keptUsageTable, dialect, commitOrder: new SqliteCommitOrder({ rows, location }), rows }),
    async plansOf(call) {
      queries.length = 0
      await call()
      return queries.map(({ text, params }) => {
        const steps = client.prepare(`explain query plan ${text}`).all(...params) as { detail: string }[]
        const details = steps.map((step) => step.detail)
        return {
          query: text,
          text: details.join('\n'),
          indexes: details.flatMap((detail) => /USING (?:COVERING )?INDEX (\S+)/.exec(detail)?.[1] ?? []),
          scans: details.flatMap((detail) =>
            /^SCAN (tracehold_\S+)/.test(detail) && !/INDEX/.test(detail) ? detail : [],
          ),
        }
      })
    },
    async close() {
      client.close()
    },
  }
}

interface Node {
  'Node Type': string
  'Index Name'?: string
  'Relation Name'?: string
  Plans?: Node[]
}

async function explainPostgres(url: string, { tables, keptUsageTable, dialect, location }: Pool): Promise<Explainer> {
  const queries: Query[] = []
  // Times as text, as the pool reads them.
  const types = {
    getTypeParser: (oid: number) => (oid === 1184 ? String : pg.types.getTypeParser(oid)),
  } as pg.CustomTypesConfig
  const client = new pg.Pool({ connectionString: url, types, options: '-c TimeZone=UTC' })
  const rows: Pool['rows'] = async (text, params) => {
    queries.push({ text, params: [...params] })
    return (await client.query<unknown[]>({ text, values: [...params], rowMode: 'array' })).rows
  }
  // A database that is dropped ends connections that are on their way out.
  client.on('error', () => {})
  // It only reads.
  const commitOrder = new PostgresCommitOrder({ rows, location } as ConstructorParameters<
    typeof PostgresCommitOrder
  >[0])
  const db = drizzleProxy(async (text, params) => ({ rows: await rows(text, params) }))
  return {
    pool: poolOf({ db, tables, keptUsageTable, dialect, commitOrder, rows }),
    async plansOf(call) {
      queries.length = 0
      await call()
      const plans: Plan[] = []
      for (const { text, params } of [...queries]) {
        const { rows } = await client.query(`explain (format json) ${text}`, params)
        const nodes = flatten(rows[0]['QUERY PLAN'][0].Plan)
        plans.push({
          query: text,
          text: JSON.stringify(rows[0]['QUERY PLAN'], null, 1),
          indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
          scans: nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : [])),
        })
      }
      return plans
    },
    close: () => client.end(),
  }
}

const oneByOne =
  (rows: Pool['rows']): Pool['snapshot'] =>
  (reads) =>
    Promise.all(reads.map(({ text, params }) => rows(text, params)))

const flatten = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flatten)]
