import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NewSpan, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { runs } from '../runs.ts'
import { openRedisServer, type RedisServer } from '../servers/redis.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'

const manyRounds = runs(200, 1_000)
/** Of what is a variation. */
const fewRounds = runs(100, 1_000)
const stepsOfRound = 8
/** Rounds that run at the same time, each in a project of its own. */
const lanes = 4

/** Random numbers from a seed, the same on every run (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A version of a trace, which tells its number; later rounds are the first that lists show. */
const version = (traceId: string, round: number, value: number): NewSpan => ({
  traceId,
  spanId: 'only',
  name: 'version',
  startTime: new Date(Date.UTC(2026, 0, 1) + round * 1000),
  inputTokens: value,
})

/**
 * Writes ever higher versions of two traces and reads them, all at once, in random order and with random waits: no read
 * may show less than what was acknowledged when it began. Answers with the number of reads.
 */
async function playRound(writer: Store, reader: Store, round: number, random: (below: number) => number) {
  const traces = [`${round}-a`, `${round}-b`] as const
  const last = new Map<string, number>(traces.map((traceId) => [traceId, 0]))
  const acknowledged = new Map(last)
  const leastOf = (traceId: string) => acknowledged.get(traceId) ?? 0
  const running = new Set<Promise<unknown>>()
  let checks = 0
  const write = async (traceId: string) => {
    const value = (last.get(traceId) ?? 0) + 1
    last.set(traceId, value)
    const { stored } = await writer.writers.spans.write(version(traceId, round, value))
    // One that gave way to a later one of its batch counts when that one does.
    if (stored > 0) acknowledged.set(traceId, Math.max(value, leastOf(traceId)))
  }
  const check = (found: number | null | undefined, least: number) => {
    checks += 1
    if ((found ?? 0) < least) expect.fail(`a read showed version ${found} after ${least} had been acknowledged`)
  }
  const get = async (traceId: string) => {
    const least = leastOf(traceId)
    check((await reader.traces.get(traceId))?.spans[0]?.inputTokens, least)
  }
  const list = async (traceId: string) => {
    const least = leastOf(traceId)
    const { items } = await reader.traces.list({ limit: 10 })
    check(items.find((trace) => trace.traceId === traceId)?.inputTokens, least)
  }
  const sum = async () => {
    const least = leastOf(traces[0]) + leastOf(traces[1])
    const [usage] = await reader.analytics.usage({ traceId: [...traces] })
    check(usage?.inputTokens, least)
  }
  const works = [write, write, write, write, get, get, get, get, list, sum]
  for (let step = 0; step < stepsOfRound; step += 1) {
    const work = works[random(works.length)] ?? write
    const tracked: Promise<unknown> = work(traces[random(2)] ?? traces[0]).finally(() => running.delete(tracked))
    running.add(tracked)
    // Some steps begin together, some when another has ended, some when all have.
    const pause = random(4)
    if (pause === 0) await Promise.race(running)
    if (pause === 1) await Promise.all(running)
  }
  await Promise.all(running)
  for (const read of [get, list, sum]) await read(traces[0])
  return checks
}

async function playRounds(writer: Store, reader: Store, rounds: number, disturb = (_: number) => {}): Promise<void> {
  const lane = async (number: number) => {
    const project = `${randomUUID()}-${number}`
    let checks = 0
    for (let round = number; round < rounds; round += lanes) {
      disturb(round)
      const random = randomFrom(round)
      checks += await playRound(writer.forProject(project), reader.forProject(project), round, random)
    }
    return checks
  }
  const checks = await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
  expect(checks.reduce((sum, each) => sum + each)).toBeGreaterThan(rounds * 6)
}

describeBackends(
  'random interleavings of writes and cached reads',
  (backend) => {
    let redis: RedisServer

    beforeAll(async () => {
      redis = await openRedisServer()
      await (await openStore(backend.url(), { migrate: true })).close()
    }, 180_000)
    afterAll(() => redis?.stop())

    describe.each(['in the process', 'through Redis', 'through a Redis that is cut off again and again'])(
      '%s',
      (how) => {
        it('never show less than what was acknowledged', { timeout: 300_000 }, async () => {
          const proxy = await TcpProxy.open(redis.url)
          const isCut = how.includes('cut off')
          const store = await openStore(backend.url(), {
            cache: true,
            ...(how.includes('Redis') && { redis: { url: isCut ? proxy.url : redis.url, timeoutMs: 1_000 } }),
          })
          const disturb = (round: number) => {
            if (isCut && round % 25 === 10) proxy.cutAll()
          }
          const rounds = isCut ? fewRounds : manyRounds
          await playRounds(store, store, rounds, disturb)
          const { hits = 0, sharedHits = 0, joined = 0, misses = 0 } = store.services.cache?.stats() ?? {}
          // The rounds mean nothing unless the cache takes part.
          const least = isCut ? runs(3, 10) : runs(rounds / 4, rounds)
          expect(hits + sharedHits + joined).toBeGreaterThan(least)
          expect(misses).toBeGreaterThan(least)
          await store.close()
          await proxy.close()
        })
      },
    )

    it('through Redis, with a reader that is another store of the process', { timeout: 300_000 }, async () => {
      const writer = await openStore(backend.url(), { redis: redis.url })
      const reader = await openStore(backend.url(), { redis: redis.url, cache: true })
      await playRounds(writer, reader, fewRounds)
      await Promise.all([writer.close(), reader.close()])
    })
  },
  {
    skipOn: [
      {
        backend: 'clickhouse',
        because: 'the cache does not know its engine, and a thousand rounds of single rows take long there',
      },
    ],
  },
)
