import { existsSync } from 'node:fs'
import pg from 'pg'
import { expect, it } from 'vitest'
import { executePostgres } from './databases.ts'
import { startPostgres } from './postgres.ts'
import { openScratch } from './scratch.ts'

it('a server of its own keeps what was committed through a kill and a stop, then leaves nothing behind', async () => {
  const scratch = await openScratch()
  const server = await startPostgres(scratch)
  try {
    await executePostgres(server.url, 'CREATE TABLE kept AS SELECT 1 AS id')
    const client = new pg.Client(server.url)
    await client.connect()
    const lost = new Promise((resolve) => client.once('error', resolve))
    await server.kill()
    await lost
    await expect(executePostgres(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })

    await server.start()
    expect(await executePostgres(server.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
    await server.stop()
    await server.start()
    expect(await executePostgres(server.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
  } finally {
    await server.remove()
  }
  expect(existsSync(scratch.path)).toBe(false)
  await expect(executePostgres(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
