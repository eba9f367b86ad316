import type { Tombstones } from '../tombstones.ts'
import type { Deletes } from './deletes.ts'
import type { ClickHouseStatements } from './statements.ts'

const hasAny = 'select 1 from tombstones where project_id = {p0:String} limit 1 settings final = 0'
const find = `select key, toUnixTimestamp64Micro(max(erased_at)) from tombstones
  where project_id = {p0:String} and entity = {p1:String} and key in {p2:Array(String)} group by key settings final = 0`
const add = `insert into tombstones (project_id, entity, key, erased_at) settings insert_deduplicate = 0
  select {p0:String}, {p1:String}, arrayJoin({p2:Array(String)}), fromUnixTimestamp64Micro({p3:Int64}, 'UTC')`
const old = 'project_id = {p0:String} and erased_at < fromUnixTimestamp64Micro({p1:Int64})'

/** Tombstones in a table: the latest of a key counts. */
export const clickhouseTombstones = (pool: ClickHouseStatements, deletes: Deletes): Tombstones => ({
  hasAny: async (projectId) => (await pool.rows(hasAny, [projectId])).length > 0,
  find: async (projectId, entity, keys) =>
    new Map((await pool.rows(find, [projectId, entity, keys])).map(([key, at]) => [String(key), Number(at)])),
  add: (projectId, entity, keys, erasedAt) =>
    pool.command(add, {
      during: 'note what is erased',
      params: { p0: projectId, p1: entity, p2: keys, p3: erasedAt },
    }),
  purge: (projectId, before) => deletes.tombstones(projectId, old, before),
})
