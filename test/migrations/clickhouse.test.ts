import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkServer } from '../../src/engines/clickhouse/migrations.ts'
import { ClickHousePool } from '../../src/engines/clickhouse/pool.ts'
import {
  clickhouseClusterStatements,
  MigrationError,
  Migrator,
  openPool,
  type Pool,
  shippedMigrations,
} from '../../src/index.ts'
import { createEmbeddedDatabase } from '../servers/clickhouse.ts'

describe('migrations of ClickHouse', () => {
  let database: Awaited<ReturnType<typeof createEmbeddedDatabase>>
  let pool: Pool

  beforeEach(async () => {
    database = await createEmbeddedDatabase()
    pool = await openPool({ url: database.url })
  })
  afterEach(async () => {
    await pool.close()
    await database.drop()
  })

  it('may run from several places at once', async () => {
    const reports = await Promise.all(Array.from({ length: 4 }, () => new Migrator(pool).migrate()))
    const shipped = shippedMigrations('clickhouse').map(({ version, name }) => ({ version, name }))
    expect(reports.map(({ to }) => to)).toEqual(Array(4).fill(shipped.length))
    const { applied } = await new Migrator(pool).status()
    expect(applied.map(({ version, name }) => ({ version, name }))).toEqual(shipped)
  })

  it('are finished by the next run where one died between statements', async () => {
    const [init] = shippedMigrations('clickhouse')
    if (!(pool instanceof ClickHousePool) || !init) throw new Error('not a ClickHouse pool')
    for (const statement of init.statements.slice(0, 3)) await pool.command(statement)
    expect((await new Migrator(pool).status()).current).toBe(0)
    const { from, to } = await new Migrator(pool).migrate()
    expect({ from, to }).toEqual({ from: 0, to: shippedMigrations('clickhouse').length })
    expect(await pool.rows('select count() from logs', [])).toEqual([[0]])
  })

  it('refuse a server that is too old, and say which one would do', () => {
    expect(() => checkServer('26.7.2.1')).not.toThrow()
    expect(() => checkServer('24.8.1.2')).not.toThrow()
    expect(() => checkServer('23.12.4.5')).toThrow(MigrationError)
    expect(() => checkServer('24.7.1.1')).toThrow(/ClickHouse 24\.7\.1\.1; tracehold needs 24\.8 or newer/)
  })

  describe('rendered for a cluster', () => {
    expect(() => clickhouseClusterStatements({ cluster: '' })).toThrow('The cluster has no name.')
    const statements = clickhouseClusterStatements({ cluster: 'the cluster', database: "o'clock" })

    it('are read by the engine', async () => {
      for (const statement of statements) {
        const [[read] = []] = await pool.rows('select formatQuery({p0:String})', [statement])
        expect(read).toMatch(/^(CREATE (TABLE|DATABASE) IF NOT EXISTS|ALTER TABLE) .* ON CLUSTER `the cluster`/)
      }
    })

    it('have a replicated and a distributed table for each of the tables', () => {
      const shipped = shippedMigrations('clickhouse').flatMap((migration) => migration.statements)
      const tables = shipped.filter((statement) => statement.includes('CREATE TABLE'))
      expect(statements.filter((text) => /ENGINE = Replicated/.test(text))).toHaveLength(tables.length + 1)
      expect(statements.filter((text) => /ENGINE = Distributed/.test(text))).toHaveLength(tables.length)
      expect(statements.every((text) => text.includes('ON CLUSTER `the cluster`'))).toBe(true)
      expect(statements.join('\n')).not.toContain('non_replicated')
    })

    it('change codecs where rows are stored, and add columns there and where they are read', () => {
      const altered = statements.filter((text) => text.startsWith('ALTER'))
      expect(altered.map((text) => text.slice(0, text.indexOf('\n')))).toEqual([
        "ALTER TABLE `o'clock`.spans_shard ON CLUSTER `the cluster`",
        "ALTER TABLE `o'clock`.traces_shard ON CLUSTER `the cluster`",
        ...['spans', 'spans', 'authored_traces', 'traces', 'metrics', 'metric_points'].flatMap((table) => [
          `ALTER TABLE \`o'clock\`.${table}_shard ON CLUSTER \`the cluster\``,
          `ALTER TABLE \`o'clock\`.${table} ON CLUSTER \`the cluster\``,
        ]),
        ...['logs_shard', 'logs', 'logs_shard', 'logs_shard', 'logs_shard'].map(
          (table) => `ALTER TABLE \`o'clock\`.${table} ON CLUSTER \`the cluster\``,
        ),
        "ALTER TABLE `o'clock`.authored_traces_shard ON CLUSTER `the cluster`",
        "ALTER TABLE `o'clock`.authored_traces ON CLUSTER `the cluster`",
      ])
    })

    it('keep a trace, its spans and its events on one shard', () => {
      for (const table of ['traces', 'spans', 'events', 'authored_traces', 'trace_times']) {
        const distributed = statements.find((text) => text.includes(`'${table}_shard', cityHash64(trace_id)`))
        expect(distributed, table).toBeDefined()
      }
    })

    it('are partitioned by day, or by month if that is asked for', () => {
      expect(statements.join('\n')).toContain('PARTITION BY toYYYYMMDD(start_time)')
      const byMonth = clickhouseClusterStatements({ cluster: 'c', partitionBy: 'month' }).join('\n')
      expect(byMonth).toContain('PARTITION BY toYYYYMM(start_time)')
    })
  })
})
