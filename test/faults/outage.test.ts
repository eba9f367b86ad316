import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, TimeoutError } from '../../src/index.ts'
import { thrown } from '../engines/thrown.ts'
import { runs } from '../runs.ts'
import { createMigrated } from '../servers/migrated.ts'
import { startPostgres } from '../servers/postgres.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'

const program = fileURLToPath(new URL('outage-process.mjs', import.meta.url))
const outageSeconds = runs(1, 60)
const rowsPerSecond = runs(1_000, 5_000)
const queueBytes = runs(16, 64) * 1024 * 1024
const span = (spanId: string) => ({ traceId: 't', spanId, name: 'n', startTime: new Date() })

describe('a database that is away while rows keep coming', () => {
  it.each(['queued', 'committed'])(
    'has every row that was taken afterwards: ack %s',
    { timeout: 600_000 },
    async (ack) => {
      const { url, drop } = await createMigrated.postgres()
      const proxy = await TcpProxy.open(url)
      const seconds = outageSeconds * 1.5
      const child = fork(program, [proxy.url, ack, rowsPerSecond, seconds, queueBytes].map(String), {
        execArgv: ['--expose-gc'],
      })
      await once(child, 'message')
      const ended = once(child, 'message')
      const store = await openStore(url)
      await delay(300)
      proxy.blackhole()
      proxy.cutAll()
      await delay(outageSeconds * 1_000)
      const before = await store.spans.count()
      proxy.resume()
      const healed = performance.now()
      await expect.poll(() => store.spans.count(), { interval: 50, timeout: 30_000 }).toBeGreaterThan(before)
      const healedMs = performance.now() - healed
      const [{ acknowledged, failures, mostLive, mostRss, stats }] = await ended
      console.log(
        `${ack}: ${acknowledged} rows, ${Math.round(mostLive / 2 ** 20)} MiB live above the start`,
        `for a queue of ${queueBytes / 2 ** 20}, ${Math.round(mostRss / 2 ** 20)} MiB of process,`,
        `stored again after ${Math.round(healedMs)} ms`,
      )
      expect(failures).toEqual([])
      // The wait for the next try, and the try.
      expect(healedMs).toBeLessThan(runs(5_000, 3_000))
      expect(stats).toMatchObject({ accepted: acknowledged, stored: acknowledged, dropped: 0, pending: 0 })
      expect(await store.spans.count()).toBe(acknowledged)
      expect(mostLive).toBeLessThan(queueBytes * 1.5 + 32 * 1024 * 1024)
      await store.close()
      await proxy.close()
      await drop()
    },
  )
})

describe('a server that is paused', () => {
  // Which processes are the server's is read from /proc.
  it.skipIf(process.platform !== 'linux')(
    'ends calls at their deadlines, and is used again when it goes on',
    async () => {
      const server = await startPostgres()
      const statementTimeoutMs = 500
      const store = await openStore(server.url, { migrate: true, statementTimeoutMs })
      await store.writers.spans.write(span('a'))
      await store.spans.get('t', 'a')
      await server.pause()
      const started = performance.now()
      const read = thrown(store.spans.get('t', 'a'))
      const write = store.writers.spans.write(span('b'))
      expect(await read).toBeInstanceOf(TimeoutError)
      const readMs = performance.now() - started
      // The server's own timeout, and two seconds for it to say so.
      expect(readMs).toBeLessThan(statementTimeoutMs + 2_000 + runs(1_000, 100))
      await server.resume()
      const resumed = performance.now()
      expect(await write).toMatchObject({ stored: 1 })
      expect(await store.spans.count()).toBe(2)
      const healedMs = performance.now() - resumed
      expect(healedMs).toBeLessThan(2_000)
      console.log(`the read ended after ${Math.round(readMs)} ms, everything worked ${Math.round(healedMs)} ms after`)
      await store.close()
      await server.remove()
    },
  )
})
