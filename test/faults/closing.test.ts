import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, SpanWriter, TimeoutError } from '../../src/index.ts'
import { runs } from '../runs.ts'
import { type ClickHouseServer, startClickHouse } from '../servers/clickhouse.ts'
import { createMigrated } from '../servers/migrated.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'

const program = fileURLToPath(new URL('closing-process.mjs', import.meta.url))
const manyRows = runs(20_000, 60_000)
const deadlineMs = runs(2_000, 5_000)
const span = (spanId: string) => ({ traceId: 't', spanId, name: 'n', startTime: new Date() })

/** What a process says that closes its store while the server is silent. */
async function closeInSilence(url: string, { rows, deadlineMs }: { rows: number; deadlineMs: number }) {
  const proxy = await TcpProxy.open(url)
  const child = fork(program, [proxy.url, String(rows), String(deadlineMs)])
  await once(child, 'message')
  proxy.blackhole()
  child.send('close')
  const [answer] = await once(child, 'message')
  const answered = performance.now()
  const [exitCode] = await once(child, 'exit')
  const exitMs = performance.now() - answered
  await proxy.close()
  return { ...answer, exitCode, exitMs }
}

function expectGivenUp(outcome: Awaited<ReturnType<typeof closeInSilence>>, rows: number) {
  console.log(`${rows} rows: closed after ${Math.round(outcome.ms)} ms, ended ${Math.round(outcome.exitMs)} ms later`)
  expect(outcome.ms).toBeLessThan(deadlineMs + 200)
  expect(outcome.exitMs).toBeLessThan(1_000)
  expect(outcome.exitCode).toBe(0)
  expect(outcome.code).toMatch(/timeout|loss/)
  expect(outcome.stats).toMatchObject({ accepted: rows + 1, stored: 1, dropped: rows, pending: 0, pendingBytes: 0 })
}

describe('a store that closes while its server is silent', () => {
  it.each([1, manyRows])('PostgreSQL: keeps its deadline with %i rows, and lets the process end', async (rows) => {
    const { url, drop } = await createMigrated.postgres()
    expectGivenUp(await closeInSilence(url, { rows, deadlineMs }), rows)
    await drop()
  })

  it('ClickHouse: keeps its deadline, and lets the process end', async () => {
    const server: ClickHouseServer = await startClickHouse()
    try {
      const url = await server.create()
      await (await openStore(url, { migrate: true })).close()
      expectGivenUp(await closeInSilence(url, { rows: 1_000, deadlineMs }), 1_000)
    } finally {
      await server.stop()
    }
  })
})

describe('a flush with a deadline', () => {
  it('gives up and leaves the rows in the queue', async () => {
    const { url, drop } = await createMigrated.postgres()
    const proxy = await TcpProxy.open(url)
    const store = await openStore(proxy.url, { writers: { ack: 'queued' } })
    await store.writers.spans.write(span('a'))
    proxy.blackhole()
    const started = performance.now()
    await expect(store.flush({ deadlineMs: 300 })).rejects.toThrow(TimeoutError)
    expect(performance.now() - started).toBeLessThan(500)
    expect(store.writers.spans.stats()).toMatchObject({ pending: 1, dropped: 0 })
    proxy.resume()
    await store.flush({ deadlineMs: 5_000 })
    expect(store.writers.spans.stats()).toMatchObject({ pending: 0, stored: 1 })
    await store.close()
    await proxy.close()
    await drop()
  })
})

describe('a writer of a server that refuses', () => {
  it('closes at its deadline and reports what is left', async () => {
    const { url, drop } = await createMigrated.postgres()
    const proxy = await TcpProxy.open(url)
    const store = await openStore(proxy.url)
    const finals: number[] = []
    const writer = new SpanWriter(store.pool, {
      ack: 'queued',
      onError: (_, { isFinal, rows }) => {
        if (isFinal) finals.push(rows)
      },
    })
    await proxy.close()
    await writer.write([span('a'), span('b')])
    const waited = writer.write(span('c'), { ack: 'committed' }).catch((error: unknown) => error)
    await expect(writer.close({ deadlineMs: 300 })).rejects.toThrow(/3 rows of spans/)
    expect(await waited).toBeInstanceOf(TimeoutError)
    expect(finals.reduce((sum, rows) => sum + rows, 0)).toBe(3)
    expect(writer.stats()).toMatchObject({ accepted: 3, dropped: 3, pending: 0 })
    await store.close()
    await drop()
  })
})
