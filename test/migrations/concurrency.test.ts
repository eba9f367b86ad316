import { expect, it } from 'vitest'
import { type MigrationReport, Migrator, openPool, shippedMigrations } from '../../src/index.ts'
import { describeBackendsForProcesses } from '../backends.ts'
import { runs } from '../runs.ts'
import { runProgram } from '../schema/run-program.ts'

const processes = runs(4, 8)
/** By then every process has loaded its drivers. */
const startupMs = 2_500

describeBackendsForProcesses(`${processes} processes that migrate at once`, (backend) => {
  const expectOne = (reports: readonly MigrationReport[]) => {
    const applied = reports.filter(({ applied }) => applied.length > 0)
    // ClickHouse has no locks: a statement that runs twice changes nothing.
    if (backend.name === 'clickhouse') expect(applied).not.toEqual([])
    else expect(applied).toHaveLength(1)
  }

  it('apply every migration once, and none of them fails', async () => {
    const latest = shippedMigrations(backend.name).length
    const startAt = String(Date.now() + startupMs)
    const runs = Array.from({ length: processes }, () =>
      runProgram('test/migrations/migrate-process.mjs', [backend.url(), startAt]),
    )
    const reports: MigrationReport[] = (await Promise.all(runs)).map((output) => JSON.parse(output))

    expectOne(reports)
    for (const report of reports) expect(report.to).toBe(latest)
    const pool = await openPool({ url: backend.url() })
    expect(await new Migrator(pool).status()).toMatchObject({ current: latest, pending: [] })
    await pool.close()
  })

  it('do so in one process too', async () => {
    const pool = await openPool({ url: await backend.fresh() })
    const reports = await Promise.all(Array.from({ length: processes }, () => new Migrator(pool).migrate()))
    expectOne(reports)
    await pool.close()
  })
})
