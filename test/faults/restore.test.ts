import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareStores, diagnose, openStore, RestoredError, type Store, syncStores } from '../../src/index.ts'
import { emptyStores, temporary } from '../copy/open-stores.ts'
import { type ClickHouseServer, executeClickHouse, startClickHouse } from '../servers/clickhouse.ts'
import { createDatabase, databaseOf, executePostgres, type TestDatabase } from '../servers/databases.ts'
import { dumpAndRestore } from '../servers/dump.ts'
import { createMigrated } from '../servers/migrated.ts'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { openScratch, type Scratch } from '../servers/scratch.ts'
import { startStandby } from '../servers/standby.ts'

const open = emptyStores()
const tables = ['traces', 'spans', 'events', 'results', 'metrics', 'metric_points', 'logs']

const span = (spanId: string) => ({ traceId: 't', spanId, name: 'n', startTime: '2026-11-20T10:00:00Z' })
const spans = (count: number, prefix = 's') => Array.from({ length: count }, (_, i) => span(`${prefix}${i}`))

/** What a follower sees that ends when nothing is new, and where it ended. */
async function followed(store: Store, after?: string) {
  const ids: string[] = []
  let cursor: string | undefined
  for await (const batch of store.follow('spans', { after, once: true })) {
    ids.push(...batch.items.map(({ spanId }) => spanId))
    cursor = batch.cursor
  }
  return { ids, cursor }
}

/** Rows of every table with all their columns come from one database into another, which is what RESTORE does. */
async function restoreClickHouse(server: ClickHouseServer, from: string, to: string): Promise<void> {
  await (await openStore(server.url(to), { migrate: true })).close()
  for (const table of tables) {
    await executeClickHouse(server.url(to), `INSERT INTO ${to}.${table} SELECT * FROM ${from}.${table}`)
  }
}

/** Takes numbers of transactions, as a server does that runs for long. */
const takeNumbers = (url: string, count: number) =>
  executePostgres(url, `do $$ begin for i in 1..${count} loop perform pg_current_xact_id(); commit; end loop; end $$`)

const commitsOf = async (url: string) => {
  for await (const check of diagnose({ url })) if (check.name === 'commits') return check
  return undefined
}

describe('a dump that is restored into a fresh PostgreSQL', () => {
  let server: PostgresServer
  let source: TestDatabase
  beforeAll(async () => {
    server = await startPostgres()
    source = await createMigrated.postgres()
  })
  afterAll(async () => {
    await source.drop()
    await server.remove()
  })

  it('is refused by name until its rows have numbers of the server, and then comes whole', async () => {
    await takeNumbers(source.url, 3_000)
    const original = await openStore(source.url)
    await original.writers.spans.write(spans(500))
    const { cursor } = await followed(original)
    const target = await createDatabase({ serverUrl: server.url })
    await dumpAndRestore(source.url, target.url)
    const restored = await openStore(target.url)
    const options = { once: true, progressFile: join(temporary(), 'progress.json') }
    try {
      await restored.writers.spans.write(spans(10, 'new'))
      expect(await restored.spans.count()).toBe(510)
      const refused = { code: 'restored', needsRestamp: true, message: expect.stringContaining('`tracehold restamp`') }
      await expect(followed(restored)).rejects.toMatchObject(refused)
      await expect(restored.subscribe('spans').next()).rejects.toMatchObject(refused)
      await expect(restored.logs.tail({ once: true }).next()).rejects.toMatchObject(refused)
      const sqlite = await open('sqlite')
      await expect(syncStores(restored, sqlite, options)).rejects.toMatchObject(refused)
      expect(await commitsOf(target.url)).toMatchObject({
        status: 'failed',
        nextStep: expect.stringMatching(/restamp/),
      })

      // 500 spans, their trace; what was written since has numbers that are right.
      expect(await restored.restamp()).toBe(500)
      expect(await commitsOf(target.url)).toMatchObject({ status: 'ok' })
      expect(new Set((await followed(restored)).ids).size).toBe(510)
      expect((await followed(restored)).ids).toHaveLength(510)
      await expect(followed(restored, cursor)).rejects.toMatchObject({ code: 'restored', needsRestamp: false })
      expect(await syncStores(restored, sqlite, options)).toMatchObject({ complete: true, written: { spans: 510 } })
      expect((await compareStores(restored.pool, sqlite.pool)).equal).toBe(true)
      expect(await restored.restamp()).toBe(0)
    } finally {
      await Promise.all([original.close(), restored.close()])
      await target.drop()
    }
  })
})

describe('a PostgreSQL replica that is promoted', () => {
  let scratch: Scratch
  let server: PostgresServer
  beforeAll(async () => {
    scratch = await openScratch()
    server = await startPostgres(scratch)
  })
  afterAll(() => scratch.remove())

  it('is followed from the start, and syncs everything once more', async () => {
    const store = await openStore(server.url, { migrate: true })
    await store.writers.spans.write(spans(20))
    await store.close()
    const replica = await startStandby(server, scratch, 0)
    const original = await openStore(server.url)
    await original.writers.spans.write(span('lost'))
    const { ids, cursor } = await followed(original)
    expect(ids).toHaveLength(21)
    const sqlite = await open('sqlite')
    const options = { once: true, progressFile: join(temporary(), 'progress.json') }
    await syncStores(original, sqlite, options)
    await original.close()

    await executePostgres(replica, 'select pg_promote()')
    await executePostgres(replica, 'checkpoint')
    const promoted = await openStore(replica)
    try {
      await promoted.writers.spans.write(spans(5, 'new'))
      await expect(followed(promoted, cursor)).rejects.toBeInstanceOf(RestoredError)
      expect((await followed(promoted)).ids).toEqual(expect.arrayContaining(['s0', 'new4']))
      await syncStores(promoted, sqlite, { once: true })
      expect((await compareStores(promoted.pool, sqlite.pool)).tables.spans).toMatchObject({ missing: 0, different: 0 })
    } finally {
      await promoted.close()
    }
  })
})

/** Copies a database that is in use. What is left open would keep its log, which a file in its place must not meet. */
async function backup(path: string, copy: string): Promise<void> {
  const database = new Sqlite(path)
  await database.backup(copy)
  database.close()
}

describe('a copied SQLite file', () => {
  /** A store that was followed and synced beyond the moment of a copy, and one on the copy, which went on by itself. */
  async function copied() {
    const [path, copy] = [join(temporary(), 'a.db'), join(temporary(), 'copy.db')]
    const url = `sqlite:${path}`
    const original = await openStore(url, { migrate: true })
    await original.writers.spans.write(spans(10))
    const before = (await followed(original)).cursor
    await backup(path, copy)
    await original.writers.spans.write(span('lost'))
    const progress = { once: true, progressFile: join(temporary(), 'progress.json') }
    const target = await open('sqlite')
    await syncStores(original, target, progress)
    const after = (await followed(original)).cursor
    await original.close()
    return { path, url, copy, before, after, progress, target }
  }

  it.each(['nothing', 'something'])('takes no position of what came after the copy, with %s written', async (what) => {
    const { copy, before, after } = await copied()
    const store = await openStore(`sqlite:${copy}`)
    try {
      if (what === 'something') await store.writers.spans.write(spans(3, 'new'))
      const more = what === 'something' ? 3 : 0
      await expect(followed(store, after)).rejects.toMatchObject({ code: 'restored', needsRestamp: false })
      expect((await followed(store, before)).ids).toHaveLength(more)
      expect((await followed(store)).ids).toHaveLength(10 + more)
    } finally {
      await store.close()
    }
  })

  it('that took the place of the file is synced from the start', async () => {
    const { path, url, copy, progress, target } = await copied()
    copyFileSync(copy, path)
    const restored = await openStore(url)
    try {
      for (const name of ['x', 'y', 'z']) await restored.writers.spans.write(span(name))
      expect(await syncStores(restored, target, progress)).toMatchObject({ complete: true, written: { spans: 13 } })
      expect((await compareStores(restored.pool, target.pool)).tables.spans).toMatchObject({ missing: 0, different: 0 })
    } finally {
      await restored.close()
    }
  })

  it('that took the place of the target gets everything again', async () => {
    const source = await open('postgres')
    await source.writers.spans.write(spans(5))
    const path = join(temporary(), 'target.db')
    const progress = { once: true, progressFile: join(temporary(), 'progress.json') }
    const target = await openStore(`sqlite:${path}`, { migrate: true })
    await syncStores(source, target, progress)
    await backup(path, `${path}.backup`)
    await source.writers.spans.write(spans(2, 'later'))
    await syncStores(source, target, progress)
    await target.close()
    copyFileSync(`${path}.backup`, path)
    const restored = await openStore(`sqlite:${path}`)
    try {
      await syncStores(source, restored, progress)
      expect(await restored.spans.count()).toBe(7)
    } finally {
      await restored.close()
    }
  })
})

describe('a ClickHouse whose rows come back from a backup', () => {
  it('is followed on where it was, and syncs to a target that came back from one', async () => {
    const server = await startClickHouse()
    try {
      const [url, backup] = [await server.create(), databaseOf(await server.create())]
      const name = databaseOf(url)
      const original = await openStore(url, { migrate: true })
      const source = await open('sqlite')
      await source.writers.spans.write(spans(10))
      const progress = { once: true, progressFile: join(temporary(), 'progress.json') }
      await syncStores(source, original, progress)
      await restoreClickHouse(server, name, backup)
      await source.writers.spans.write(spans(2, 'lost'))
      await syncStores(source, original, progress)
      await expect.poll(async () => (await followed(original)).ids).toHaveLength(12)
      const { cursor } = await followed(original)
      await original.close()
      await executeClickHouse(server.url(backup), `DROP DATABASE ${name} SYNC`)
      await executeClickHouse(server.url(backup), `RENAME DATABASE ${backup} TO ${name}`)

      const restored = await openStore(url)
      // Numbers are instants: what is stored after the cursor comes after it, also here.
      await restored.writers.spans.write(spans(3, 'new'))
      await expect.poll(async () => (await followed(restored, cursor)).ids).toHaveLength(3)
      expect((await followed(restored)).ids).toHaveLength(13)
      expect(await syncStores(source, restored, progress)).toMatchObject({ written: { spans: 12 } })
      expect(await restored.spans.count()).toBe(15)
      await restored.close()
    } finally {
      await server.stop()
    }
  })
})
