import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { runs } from '../runs.ts'
import { type ClickHouseServer, startClickHouse } from '../servers/clickhouse.ts'
import { createMigrated } from '../servers/migrated.ts'
import { type ChunkHook, TcpProxy } from '../servers/tcp-proxy.ts'

const tracesOfBatch = 5
const spansOfBatch = 50

/** Spans of a round: of traces of its own, and some of one that every round adds to. */
function batchOf(round: string) {
  return Array.from({ length: spansOfBatch }, (_, n) => ({
    traceId: n === 0 ? 'shared' : `${round} ${n % tracesOfBatch}`,
    spanId: `${round} ${n}`,
    name: 'n',
    kind: 'llm' as const,
    startTime: new Date(1_763_632_980_000 + n),
    inputTokens: n,
    outputTokens: 1,
  }))
}

/** Breaks the connection in place of handing on the byte of this number, counted over all connections. */
function cutAtByte(number: number): ChunkHook {
  let left = number
  return (chunk) => {
    const isHere = left >= 0 && left < chunk.length
    left -= chunk.length
    return isHere ? 'cut' : 'pass'
  }
}

/** Loses the next reply that holds `text` after `skipped` others: what the server did, nobody was told. */
function loseReply(text: string, skipped: number): ChunkHook {
  let left = skipped
  return (chunk) => {
    if (!chunk.includes(text)) return 'pass'
    left -= 1
    return left === -1 ? 'cut' : 'pass'
  }
}

const engines = {
  postgres: { commit: 'COMMIT', repliesOfBatch: 1, rounds: runs(8, 200) },
  clickhouse: { commit: 'HTTP/1.1 200', repliesOfBatch: 3, rounds: runs(3, 200) },
}

describe.each(Object.entries(engines))('rows written while connections break: %s', (engine, of) => {
  let server: ClickHouseServer | undefined
  let proxy: TcpProxy
  let store: Store
  let direct: Store
  const ends: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    let url: string
    if (engine === 'clickhouse') {
      server = await startClickHouse()
      url = await server.create()
      await (await openStore(url, { migrate: true })).close()
      ends.push(server.stop)
    } else {
      const database = await createMigrated.postgres()
      url = database.url
      ends.push(database.drop)
    }
    proxy = await TcpProxy.open(url)
    direct = await openStore(url)
    store = await openStore(proxy.url, { writers: { retryDelayMs: 5, maxRetryDelayMs: 50 } })
    ends.unshift(
      () => store.close(),
      () => direct.close(),
      () => proxy.close(),
    )
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  const faults = {
    'at any moment': async () => {
      await delay(Math.random() * 40)
      proxy.cutAll()
    },
    'at any byte that is sent': async () => {
      proxy.onClientData = cutAtByte(Math.floor(Math.random() * 12_000))
    },
    'in place of a reply': async () => {
      proxy.onServerData = loseReply(of.commit, Math.floor(Math.random() * of.repliesOfBatch))
    },
  }

  it.each(
    Object.entries(faults).flatMap(([when, fault]) => [
      [`write, ${when}`, 'write', fault] as const,
      [`bulk, ${when}`, 'bulk', fault] as const,
    ]),
  )('%s: each is stored once, and sums are right', { timeout: 900_000 }, async (title, way, fault) => {
    const { writers } = store.forProject(title)
    for (let round = 0; round < of.rounds; round += 1) {
      const batch = batchOf(String(round))
      const breaking = fault()
      expect(await writers.spans[way](batch)).toMatchObject({ stored: spansOfBatch })
      await breaking
      proxy.onClientData = undefined
      proxy.onServerData = undefined
    }
    const stored = direct.forProject(title)
    const found = new Set<string>()
    let copies = 0
    for await (const { spanId } of stored.spans.stream({})) {
      found.add(spanId)
      copies += 1
    }
    const expected = Array.from({ length: of.rounds }, (_, round) => batchOf(String(round)).map((span) => span.spanId))
    expect({ copies, found }).toEqual({ copies: of.rounds * spansOfBatch, found: new Set(expected.flat()) })
    let tokens = 0
    for await (const trace of stored.traces.stream({})) {
      tokens += (trace.inputTokens ?? 0) + (trace.outputTokens ?? 0)
      if (trace.traceId === 'shared') expect(trace.spanCount).toBe(of.rounds)
    }
    const ofBatch = batchOf('').reduce((sum, span) => sum + span.inputTokens + span.outputTokens, 0)
    expect(tokens).toBe(of.rounds * ofBatch)
  })
})
