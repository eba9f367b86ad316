import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ClickHousePool } from '../../../src/engines/clickhouse/pool.ts'
import { withLiterals } from '../../../src/engines/clickhouse/with-literals.ts'
import { openPool } from '../../../src/index.ts'
import { createEmbeddedDatabase } from '../../servers/clickhouse.ts'

let database: Awaited<ReturnType<typeof createEmbeddedDatabase>>
let pool: ClickHousePool
beforeAll(async () => {
  database = await createEmbeddedDatabase()
  pool = (await openPool({ url: database.url })) as ClickHousePool
})
afterAll(async () => {
  await pool.close()
  await database.drop()
})

it('values in a statement are what they are as parameters', async () => {
  const texts = ["it's", 'back\\slash', "\\' or 1 = 1 --", 'line\nfeed\t\0', '🚀 ü', '{p1:Int64}', '']
  const text = 'select {p0:String}, {p1:Int64}, {p2:Array(String)}, {p3:Array(String)}'
  for (const one of texts) {
    const statement = withLiterals(text, { p0: one, p1: -7, p2: texts, p3: [] })
    expect(await pool.rows(String(statement), [])).toEqual(await pool.rows(text, [one, -7, texts, []]))
    expect((await pool.rows(String(statement), []))[0]?.[0]).toBe(one)
  }
})

it('what is too long, or of another type, stays a parameter', () => {
  expect(withLiterals('select {p0:String}', { p0: 'x'.repeat(300_000) })).toBeUndefined()
  expect(withLiterals('select {p0:Float64}', { p0: 1.5 })).toBeUndefined()
  expect(withLiterals('select {p0:Int64}', { p0: 2 ** 60 })).toBeUndefined()
})
