import { columnSpecs, forEachEntity } from '../../rows/accepted-row.ts'
import type { Batch } from '../sink.ts'
import type { BlockRow } from './block-rows.ts'
import { insertTargets } from './insert-target.ts'
import type { ClickHouseStatements } from './statements.ts'

/** Any version will do: FINAL would read more than the index by stamps lets through. */
const anyVersion = 'settings final = 0'

const statements = forEachEntity((entity) => {
  const { table } = insertTargets[entity]
  const keys = columnSpecs[entity].filter(({ primaryKey, name }) => primaryKey && name !== 'project_id')
  const names = keys.map(({ name }) => name).join(', ')
  // Of what is said of a trace, only what says all of it replaces what is older.
  const whole = entity === 'traces' ? ` and part = ''` : ''
  const newer = `project_id = {p0:String} and written_at > fromUnixTimestamp64Micro({p1:Int64})${whole}`
  return {
    isAny: `select 1 from ${table} where ${newer} limit 1 ${anyVersion}`,
    among: `select ${names}, toUnixTimestamp64Micro(max(written_at)) from ${table}
      where ${newer} and ${keys[0]?.name} in {p2:Array(String)} group by ${names} ${anyVersion}`,
  }
})

/**
 * Which rows of a batch lose to a stored row with a higher stamp, by their index in it. Batches come in the order of their stamps, but for
 * late retries and writers that run at once: mostly one look at an index of stamps says that there is nothing newer.
 */
export async function findSuperseded(
  pool: ClickHouseStatements,
  { entity, projectId, rows }: Batch<BlockRow>,
): Promise<number[]> {
  const oldest = rows.reduce((least, { stamp }) => Math.min(least, stamp), Number.POSITIVE_INFINITY)
  const { isAny, among } = statements[entity]
  if ((await pool.rows(isAny, [projectId, oldest])).length === 0) return []
  const ids = [...new Set(rows.map(({ leadingKey }) => leadingKey))]
  const newest = stampsByKey(await pool.rows(among, [projectId, oldest, ids]))
  const isSuperseded = ({ key, stamp }: BlockRow) => (newest.get(key) ?? 0) > stamp
  return rows.flatMap((row, index) => (isSuperseded(row) ? [index] : []))
}

const stampsByKey = (rows: readonly unknown[][]) =>
  new Map(
    rows.map((row) => [
      row
        .slice(0, -1)
        .map((part) => `${part}\0`)
        .join(''),
      Number(row.at(-1)),
    ]),
  )
