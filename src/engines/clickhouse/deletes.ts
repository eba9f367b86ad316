import { getTableName, type SQL } from 'drizzle-orm'
import { clickhouseTables } from '../../../schema/clickhouse.ts'
import { addDeleted, type DeletedTraces, type LooseEntity, membersOfTraces, noTraces } from '../deleted-rows.ts'
import { ofTouched } from './recompute.ts'
import { ClickHouseSqlDialect } from './sql.ts'
import type { ClickHouseStatements } from './statements.ts'

const ofSource = `JSONExtractString(scope, 'name') = {p2:String} and written_at < fromUnixTimestamp64Micro({p3:Int64})`
const counted = ['traces', ...membersOfTraces, 'authored_traces'] as const
const countSpans = `select count() from spans where ${ofTouched} and ${ofSource} settings final = 0`

const findWritten = `select distinct trace_id from (
    select trace_id from spans where ${ofTouched} union all select trace_id from authored_traces where ${ofTouched}
  ) settings final = 0`
// On a cluster the same rows may have been stored before, and were deleted since.
const storeTimes = `insert into trace_times (project_id, trace_id, first_start, last_start) settings insert_deduplicate = 0
  select project_id, trace_id, min(start_time), max(start_time) from spans where ${ofTouched} group by project_id, trace_id`

/** Which rows were stored before a moment. What follows from others is worked out again where something stays. */
const storedBefore: Readonly<Record<string, string>> = {
  ...Object.fromEntries(membersOfTraces.map((table) => [table, ' and commit_seq < {p2:Int64}'])),
  authored_traces: ' and written_at < fromUnixTimestamp64Micro({p2:Int64})',
}

const countAll = `select ${counted
  .map((table) => `(select count() from ${table} where ${ofTouched}${storedBefore[table] ?? ''})`)
  .join(', ')}`

/** How many traces one statement names, which the server keeps until it has rewritten the parts. */
const tracesPerDelete = 1_000

/** The end of time, in microseconds. */
const never = Number.MAX_SAFE_INTEGER

/** Deletes of whole traces and of what a source said. Each waits until the rows are gone for every reader. */
export class Deletes {
  readonly #pool: ClickHouseStatements
  #shards: Promise<ReadonlyMap<string, string>> | undefined

  constructor(pool: ClickHouseStatements) {
    this.#pool = pool
  }

  /** Deletes traces with what belongs to them, all or what was stored before a moment. Returns how many there were. */
  async traces(projectId: string, traceIds: readonly string[], horizon: number = never): Promise<DeletedTraces> {
    let deleted = noTraces
    for (let from = 0; from < traceIds.length; from += tracesPerDelete) {
      const ids = traceIds.slice(from, from + tracesPerDelete)
      const [row = []] = await this.#pool.rows(countAll, [projectId, ids, horizon])
      const { authored_traces: authored, ...counts } = Object.fromEntries(
        counted.map((table, i) => [table, Number(row[i])]),
      ) as Record<(typeof counted)[number], number>
      // A delete rewrites parts even where it finds nothing. One after the other: each keeps a thread busy, of those that
      // writers need as well. The traces last, which say what there is: what is stopped before is done again.
      const tables = [
        ...membersOfTraces.filter((table) => counts[table] > 0),
        ...(authored > 0 ? ['authored_traces'] : []),
        'trace_times',
        'traces',
      ]
      for (const table of tables) {
        await this.#delete(table, `${ofTouched}${storedBefore[table] ?? ''}`, { p0: projectId, p1: ids, p2: horizon })
      }
      deleted = addDeleted(deleted, counts)
    }
    return deleted
  }

  /**
   * Finds the deleted traces of which another writer stored something meanwhile, and notes again where their spans are:
   * that went with the delete, and so did the rows of these traces, which are to be worked out again.
   */
  async writtenMeanwhile(projectId: string, traceIds: readonly string[]): Promise<string[]> {
    const written: string[] = []
    for (let from = 0; from < traceIds.length; from += tracesPerDelete) {
      const ids = traceIds.slice(from, from + tracesPerDelete)
      const found = (await this.#pool.rows(findWritten, [projectId, ids])).map(([traceId]) => traceId as string)
      const params = { p0: projectId, p1: found }
      if (found.length > 0) await this.#pool.command(storeTimes, { during: 'write the times of traces', params })
      written.push(...found)
    }
    return written
  }

  /** Deletes the spans of traces that a source had said, those with a lower stamp than `before`. */
  async spansOfSource(
    projectId: string,
    traceIds: readonly string[],
    source: string,
    before: number = never,
  ): Promise<void> {
    for (let from = 0; from < traceIds.length; from += tracesPerDelete) {
      const ids = traceIds.slice(from, from + tracesPerDelete)
      // A delete rewrites parts even where it finds nothing.
      const [[count] = []] = await this.#pool.rows(countSpans, [projectId, ids, source, before])
      const params = { p0: projectId, p1: ids, p2: source, p3: before }
      if (Number(count) > 0) await this.#delete('spans', `${ofTouched} and ${ofSource}`, params)
    }
  }

  /** Deletes the rows that fit a condition, all at once. Returns how many there were. */
  async rows(entity: LooseEntity, where: SQL): Promise<number> {
    const table = getTableName(clickhouseTables[entity])
    const { sql, params } = new ClickHouseSqlDialect().sqlToQuery(where)
    const found = `select count() from ${table} where ${sql}`
    const [[count] = []] = await this.#pool.rows(found, params)
    // Versions that lost to another are deleted, and are no rows.
    const [[versions] = []] =
      Number(count) > 0 ? [[count]] : await this.#pool.rows(`${found} settings final = 0`, params)
    if (Number(versions) === 0) return 0
    const named = Object.fromEntries(params.map((value, i) => [`p${i}`, value]))
    // A delete names no table in its conditions.
    await this.#delete(table, sql.replaceAll(`"${table}".`, ''), named)
    return Number(count)
  }

  /** Deletes tombstones that fit a condition. */
  async tombstones(projectId: string, condition: string, before: number): Promise<void> {
    const [[count] = []] = await this.#pool.rows(`select count() from tombstones where ${condition}`, [
      projectId,
      before,
    ])
    if (Number(count) > 0) await this.#delete('tombstones', condition, { p0: projectId, p1: before })
  }

  async #delete(table: string, condition: string, params: Record<string, unknown>): Promise<void> {
    this.#shards ??= this.#findShards().catch((error: unknown) => {
      this.#shards = undefined
      throw error
    })
    const where = (await this.#shards).get(table) ?? table
    await this.#pool.command(`delete from ${where} where ${condition}`, { during: `delete from ${table}`, params })
  }

  /** The tables that hold the rows, where those of our names only pass them on to a cluster. */
  async #findShards(): Promise<ReadonlyMap<string, string>> {
    const distributed = `select name, engine_full from system.tables
      where database = currentDatabase() and engine = 'Distributed'`
    const rows = (await this.#pool.rows(distributed, [])) as [string, string][]
    return new Map(
      rows.map(([name, engine]) => {
        const [, cluster, database, table] = /^Distributed\('([^']+)', '([^']+)', '([^']+)'/.exec(engine) ?? []
        return [name, `\`${database}\`.\`${table}\` on cluster \`${cluster}\``]
      }),
    )
  }
}
