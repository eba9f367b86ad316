import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { ConnectionError, importDocuments, openStore } from '../../src/index.ts'
import { makeFolder } from '../../src/make-folder.ts'
import { emptyStores, temporary } from '../copy/open-stores.ts'
import { createDatabase, executePostgres } from '../servers/databases.ts'
import { createMigrated } from '../servers/migrated.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'

const open = emptyStores()
const span = (spanId: string, rest = {}) => ({ traceId: 't', spanId, name: 'n', startTime: new Date(), ...rest })

it.each(['P0001', '40001', '42P01', '57014', '53100', '08006'])(
  'what a trigger of PostgreSQL raises under %s reaches no message',
  async (code) => {
    const { url, drop } = await createDatabase()
    const store = await openStore(url, { migrate: true, writers: { retryForMs: 200 } })
    await executePostgres(
      url,
      `create function raise() returns trigger language plpgsql as $$ begin
         raise exception 'secret of %', new.name using errcode = '${code}', detail = 'secret', hint = 'secret'; end $$;
       create trigger raise before insert on tracehold.spans for each row execute function raise()`,
    )
    const error: unknown = await store.writers.spans.write(span('s', { name: 'secret' })).catch((error) => error)
    expect(error).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain('secret')
    await store.close().catch(() => {})
    await drop()
  },
)

it.each(['follow', 'subscribe'] as const)('%s lives through an outage', async (way) => {
  const { url, drop } = await createMigrated.postgres()
  const proxy = await TcpProxy.open(url)
  const [direct, store] = [await openStore(url), await openStore(proxy.url, { statementTimeoutMs: 300 })]
  const stop = new AbortController()
  const options = { pollMs: 20, signal: stop.signal }
  const seen: string[] = []
  const cursor = await store.cursorOfNow('spans')
  const batches =
    way === 'follow' ? store.follow('spans', options) : store.subscribe('spans', { ...options, after: cursor })
  const reading = (async () => {
    for await (const { items } of batches) seen.push(...items.map((item) => ('spanId' in item ? item.spanId : '')))
  })()
  await direct.writers.spans.write(span('before'))
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['before'])
  proxy.blackhole()
  proxy.cutAll()
  await direct.writers.spans.write(span('during'))
  const outageEnds = performance.now() + 1_500
  await expect.poll(() => performance.now() > outageEnds, { timeout: 5_000 }).toBe(true)
  proxy.resume()
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual(['before', 'during'])
  stop.abort()
  await reading
  await Promise.all([direct.close(), store.close()])
  await proxy.close()
  await drop()
})

it('a write to an SQLite file that was deleted or replaced fails', async () => {
  const path = join(temporary(), 'a.db')
  const store = await openStore(`sqlite:${path}`, { migrate: true })
  await store.writers.spans.write(span('a'))
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
  await expect(store.writers.spans.write(span('b'))).rejects.toThrow(ConnectionError)
  const other = await openStore(`sqlite:${path}`, { migrate: true })
  await expect(store.writers.spans.write(span('c'))).rejects.toThrow(/deleted or replaced/)
  expect(await other.spans.count()).toBe(0)
  await Promise.all([other.close(), store.close()])
})

it('a folder that cannot be made is an error, and one that is there is none', () => {
  expect(() => makeFolder('/proc/none/of/these')).toThrow(/ENOENT|EACCES|EROFS|EPERM/)
  const path = join(temporary(), 'a', 'b')
  makeFolder(path)
  makeFolder(path)
})

it('an import names long ids by their beginning', async () => {
  const store = await open('sqlite')
  const long = 'i'.repeat(5_000)
  const spans = [{ traceId: 't', spanId: long, name: 'n', startTimeUnixNano: '1763632980000000000' }]
  const messages: string[] = []
  const document = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
  await importDocuments(store, Readable.from([document]), { onRejected: ({ message }) => messages.push(message) })
  expect(messages).toHaveLength(1)
  expect(messages[0]?.length).toBeLessThan(200)
})

it('an import leaves out a giant line, ends at one that has no end, and holds little of either', async () => {
  const store = await open('sqlite')
  const spans = (spanId: string) => [{ traceId: 't', spanId, name: 'n', startTimeUnixNano: '1763632980000000000' }]
  const line = (spanId: string) =>
    `${JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spans(spanId) }] }] })}\n`
  const piece = Buffer.alloc(4 * 1024 * 1024, 'a')
  const before = process.memoryUsage().rss
  async function* source(pieces: number) {
    yield line('a1')
    for (let n = 0; n < pieces; n += 1) yield piece
    yield '\n'
    yield line('b2')
  }
  const messages: string[] = []
  const onRejected = ({ message }: { message: string }) => messages.push(message)
  expect(await importDocuments(store, source(40), { onRejected })).toMatchObject({ spans: 2, rejected: 1 })
  expect(messages).toEqual([expect.stringMatching(/Line 2 makes its JSON too long to be read/)])
  await expect(importDocuments(store, source(1_000_000))).rejects.toThrow(/Line 2 does not end within \d+ characters/)
  expect(process.memoryUsage().rss - before).toBeLessThan(700e6)
})
