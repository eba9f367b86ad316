import { afterAll, beforeAll, expect, it } from 'vitest'
import { isoFromMicros } from '../../schema/time.ts'
import { type NewSpan, openStore, type Store } from '../../src/index.ts'
import { runs } from '../runs.ts'
import type { TestDatabase } from '../servers/databases.ts'
import { createMigrated } from '../servers/migrated.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'
import { modelTrace } from './trace-model.ts'

let database: TestDatabase
let proxy: TcpProxy
let store: Store
beforeAll(async () => {
  database = await createMigrated.postgres()
  proxy = await TcpProxy.open(database.url)
  store = await openStore(proxy.url, { writers: { retryDelayMs: 1, onError: () => {} } })
})
afterAll(async () => {
  await store.close()
  await proxy.close()
  await database.drop()
})

/** A span of a chain of agents and calls that repeat each other's usage. */
const span = (n: number, isRunning: boolean): NewSpan => ({
  traceId: `t${n % 3}`,
  spanId: `s${n}`,
  parentSpanId: n < 3 ? undefined : `s${n - 3 * (1 + (n % 2))}`,
  name: 'step',
  kind: n % 4 === 0 ? 'agent' : 'llm',
  startTime: isoFromMicros(1_763_632_980_000_000 + n),
  ...(isRunning
    ? { status: 'running' as const }
    : { endTime: isoFromMicros(1_763_632_990_000_000 + n), inputTokens: 10 + n, outputTokens: 1 }),
})

/** The command tag of a commit: the transaction is over, and who asked for it does not hear so. */
const committed = Buffer.from('COMMIT\0')

it('batches that are cut off, or whose commit is not answered, leave what a recompute gives', async () => {
  const batches = runs(40, 200)
  let commits = 0
  let lost = 0
  proxy.onServerData = (chunk) => {
    if (!chunk.includes(committed)) return 'pass'
    commits += 1
    if (commits % 4 !== 0) return 'pass'
    lost += 1
    return 'cut'
  }
  let sent = 0
  proxy.onClientData = () => {
    sent += 1
    return sent % 37 === 0 ? 'cut' : 'pass'
  }
  const all = Array.from({ length: batches * 5 }, (_, n) => n)
  for (let at = 0; at < batches; at += 1) {
    // Children before their parents, some first as they run.
    const places = all.slice(all.length - (at + 1) * 5, all.length - at * 5)
    if (at % 2 === 0) await store.writers.spans.write(places.map((n) => span(n, true)))
    await store.writers.spans.write(places.map((n) => span(n, false)))
  }
  proxy.onServerData = undefined
  proxy.onClientData = undefined

  expect(lost).toBeGreaterThanOrEqual(batches / 4)
  expect(store.writers.spans.stats().retries).toBeGreaterThan(lost)
  expect((await store.rebuildTraces({ check: true })).differences).toEqual([])
  const spans = all.map((n) => span(n, false))
  for (const traceId of ['t0', 't1', 't2']) {
    const { authored, document, projectId, ...visible } = modelTrace(
      'default',
      spans.filter((each) => each.traceId === traceId),
    )
    expect(await store.traces.get(traceId)).toMatchObject(visible)
  }
}, 120_000)
