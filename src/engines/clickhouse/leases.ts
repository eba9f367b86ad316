import type { Lease, Leases } from '../leases.ts'
import type { ClickHouseStatements } from './statements.ts'

const read = `select holder, toUnixTimestamp64Micro(expires_at) from leases
  where project_id = {p0:String} and name = {p1:String}`
// Each insert is a version of its own: the server's clock.
const write = `insert into leases (project_id, name, holder, expires_at, version) settings insert_deduplicate = 0
  select {p0:String}, {p1:String}, {p2:String}, fromUnixTimestamp64Micro({p3:Int64}, 'UTC'), toUnixTimestamp64Micro(now64(6))`

/**
 * Leases in a table. There are no transactions: of two that take one at the same time the later one has it, and the
 * other learns of that when it takes it anew.
 */
export function clickhouseLeases(pool: ClickHouseStatements): Leases {
  const stored = async (projectId: string, name: string): Promise<Lease | undefined> => {
    const [row] = await pool.rows(read, [projectId, name])
    return row && { holder: String(row[0]), expiresAt: Number(row[1]) }
  }
  const store = (projectId: string, name: string, { holder, expiresAt }: Lease) =>
    pool.command(write, {
      during: `write the lease of ${name}`,
      params: { p0: projectId, p1: name, p2: holder, p3: expiresAt },
    })
  return {
    async take(projectId, name, lease, now, instead = lease.holder) {
      const found = await stored(projectId, name)
      if (found && found.expiresAt >= now && ![lease.holder, instead].includes(found.holder)) return found
      await store(projectId, name, lease)
      return (await stored(projectId, name)) ?? lease
    },
    async release(projectId, name, holder) {
      if ((await stored(projectId, name))?.holder === holder) await store(projectId, name, { holder, expiresAt: 0 })
    },
  }
}
