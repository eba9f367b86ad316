import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { runs } from '../runs.ts'
import type { TestDatabase } from '../servers/databases.ts'
import { createMigrated } from '../servers/migrated.ts'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'

const span = (spanId: string) => ({ traceId: 't', spanId, name: 'n', startTime: new Date() })

describe('connections that are cut while reads wait', () => {
  let database: TestDatabase
  let proxy: TcpProxy
  let store: Store
  beforeAll(async () => {
    database = await createMigrated.postgres()
    proxy = await TcpProxy.open(database.url)
    store = await openStore(proxy.url)
    await store.writers.spans.write(span('a'))
  })
  afterAll(async () => {
    await store.close()
    await proxy.close()
    await database.drop()
  })

  it('are replaced, and every read is answered', { timeout: 120_000 }, async () => {
    for (let round = 0; round < runs(10, 50); round += 1) {
      const reads = Array.from({ length: 200 }, () => store.spans.get('t', 'a'))
      await delay(Math.random() * 20)
      proxy.cutAll()
      for (const outcome of await Promise.allSettled(reads)) expect(outcome).toMatchObject({ value: { spanId: 'a' } })
      expect(store.stats()).toMatchObject({ active: 0, waiting: 0 })
    }
  })
})

describe('a server that restarts under reads', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  it('is waited for by each of them', { timeout: 300_000 }, async () => {
    const store = await openStore(server.url, { migrate: true })
    await store.writers.spans.write(span('a'))
    for (let round = 0; round < runs(2, 20); round += 1) {
      const reads = Array.from({ length: 1_500 }, () => store.spans.get('t', 'a'))
      await delay(Math.random() * 50)
      await server.kill()
      await server.start()
      for (const outcome of await Promise.allSettled(reads)) expect(outcome).toMatchObject({ value: { spanId: 'a' } })
      expect(store.stats()).toMatchObject({ active: 0, waiting: 0 })
    }
    await store.close()
  })
})
