import { expect, it } from 'vitest'
import { InMemoryClickHouseClient } from '../../src/testing/index.ts'

it('keeps inserts, statements and whether it was closed, and shows rows as arrays and as objects', () => {
  const client = new InMemoryClickHouseClient()
  expect([client.rows, client.rowsAsObjects(), client.closed]).toEqual([[], [], false])
  client.insert({
    table: 'a',
    columnNames: ['x', 'y'],
    rows: [
      [1, 'one'],
      [2n, null],
    ],
    settings: { async_insert: 1 },
  })
  client.insert({ table: 'b', columnNames: ['y'], rows: [['three']], settings: {} })
  client.command('CREATE TABLE a')
  expect(client.inserts.map(({ table, settings }) => [table, settings])).toEqual([
    ['a', { async_insert: 1 }],
    ['b', {}],
  ])
  expect(client.rows).toEqual([[1, 'one'], [2n, null], ['three']])
  expect(client.rowsAsObjects()).toEqual([{ x: 1, y: 'one' }, { x: 2n, y: null }, { y: 'three' }])
  expect(client.commands).toEqual(['CREATE TABLE a'])
  client.close()
  expect(client.closed).toBe(true)
})
