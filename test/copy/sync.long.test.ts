import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { defaultCapabilities } from '../../src/engines/capabilities.ts'
import { clickhouseCapabilities } from '../../src/engines/clickhouse/capabilities.ts'
import { compareStores, type NewSpan, openStore } from '../../src/index.ts'
import { createDatabase } from '../servers/databases.ts'
import { finishSync, killSync } from './kill-sync.ts'

const rows = Number(process.env.SYNC_SPANS ?? 1_000_000)
const kills = 50

const firstStart = Date.UTC(2026, 10, 1)

function* spans(from: number, to: number): Generator<NewSpan> {
  for (let i = from; i < to; i += 1) {
    yield {
      traceId: `t${i >> 4}`,
      spanId: `s${i}`,
      name: 'chat',
      kind: 'llm',
      startTime: new Date(firstStart + i),
      inputTokens: i % 999,
      costUsd: i / 1e9,
      attributes: { 'gen_ai.request.model': 'gpt-4o', i, text: 'x'.repeat(200) },
    }
  }
}

const copyPages = { postgres: defaultCapabilities.copyPage, clickhouse: clickhouseCapabilities.copyPage }

interface Target {
  readonly url: string
  drop(): Promise<void>
}

const targets: Readonly<Record<'postgres' | 'clickhouse', () => Promise<Target>>> = {
  postgres: () => createDatabase(),
  // A directory serves one process: that which is killed, and afterwards this one.
  clickhouse: async () => ({
    url: `chdb:${mkdtempSync(join(inject('servers').directory, 'sync-chdb-'))}`,
    drop: async () => {},
  }),
}

// About 5 minutes for each target on two cores.
it.each(['postgres', 'clickhouse'] as const)(
  `stores ${rows} spans once on %s, killed ${kills} times at random points`,
  async (name) => {
    const folder = mkdtempSync(join(inject('servers').directory, 'sync-'))
    const from = `sqlite:${join(folder, 'from.db')}`
    const target = await targets[name]()
    const store = await openStore(from, { migrate: true })
    await store.writers.spans.bulk(spans(0, rows / 2))
    // The other half comes while it runs, and the first rows once more.
    const live = store.writers.spans.bulk(spans(rows / 2, rows)).then(() => store.writers.spans.bulk(spans(0, 1000)))
    const route = [from, target.url, join(folder, 'progress.json')] as const
    let isWritten = false
    const written = live.then(() => {
      isWritten = true
    })
    // Progress is kept after each page.
    const pages = Math.ceil(rows / copyPages[name].rows / kills)
    let killed = 0
    // A run that ends when everything is written leaves none to kill.
    for (let isOver = false; killed < kills && !isOver; ) {
      isOver = isWritten
      killed += await killSync(route, kills - killed, () => 1 + Math.floor(Math.random() * pages))
    }
    expect(killed).toBe(kills)
    await written
    await finishSync(...route)
    const copy = await openStore(target.url)
    const { equal, tables } = await compareStores(store.pool, copy.pool)
    expect(tables.spans).toMatchObject({ rows, missing: 0, different: 0, extra: 0 })
    expect(equal).toBe(true)
    await Promise.all([store.close(), copy.close()])
    await target.drop()
  },
  3_600_000,
)
