import { getTableColumns, getTableName } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { clickhouseTables as tables } from '../../schema/clickhouse.ts'
import { createMigrated } from '../servers/migrated.ts'
import { suiteStore } from '../suite-store.ts'

describe("the tables of ClickHouse's migrations", () => {
  const store = suiteStore(createMigrated.clickhouse)

  const types: Record<string, RegExp> = {
    'text COLLATE "C"': /String/,
    String: /String/,
    'String /* JSON */': /^(Nullable\()?String/,
    integer: /^(Nullable\()?Int32/,
    Int64: /^(Nullable\()?Int64/,
    'double precision': /Float64/,
    boolean: /Bool/,
    "DateTime64(6, 'UTC')": /DateTime64\(6, 'UTC'\)/,
  }

  /** Which of two rows of a trace counts: the writers' own, and nothing that is read. */
  const internal = ['traces.version']

  it('have the columns of the Drizzle tables: their names, their order, their types and what may be null', async () => {
    for (const table of Object.values(tables)) {
      const name = getTableName(table)
      const columns = await store().pool.rows(
        'select name, type from system.columns where database = currentDatabase() and table = {p0:String} order by position',
        [name],
      )
      const found = columns.filter(([column]) => !internal.includes(`${name}.${column}`))
      const wanted = Object.values(getTableColumns(table))
      expect(
        found.map(([column, type]) => `${name}.${column} ${String(type).includes('Nullable(') ? 'null' : ''}`),
      ).toEqual(wanted.map((column) => `${name}.${column.name} ${column.notNull ? '' : 'null'}`))
      wanted.forEach((column, i) => {
        expect(String(found[i]?.[1]), `${name}.${column.name}`).toMatch(types[column.getSQLType()] ?? /^no such type$/)
      })
    }
  })

  it('keep the versions of a row in one partition: what partitions a table follows from its key', async () => {
    const rows = await store().pool.rows(
      'select name, partition_key, sorting_key from system.tables where database = currentDatabase()',
      [],
    )
    for (const [name, partition, key] of rows) {
      const column = /^toYYYYMM\((\w+)\)$/.exec(String(partition))?.[1]
      if (partition !== '') expect(key, String(name)).toContain(`toStartOfHour(${column})`)
    }
    expect(rows.filter(([, partition]) => partition !== '')).toHaveLength(4)
  })
})
