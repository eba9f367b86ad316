import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { compareStores } from '../../src/copy/compare.ts'
import { copyStore } from '../../src/copy/copy-store.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import { type NewSpan, openStore } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { onDay, untilSettled } from './life-of-data.ts'

const count = Number(process.env.TRACEHOLD_ARCHIVE_SPANS ?? 1_000_000)
const spansPerTrace = 20

const span = (n: number): NewSpan => {
  const trace = Math.floor(n / spansPerTrace)
  return {
    traceId: `t${trace}`,
    spanId: `s${n % spansPerTrace}`,
    parentSpanId: n % spansPerTrace === 0 ? null : 's0',
    name: 'chat',
    kind: 'llm',
    startTime: onDay(0, trace * 10 + (n % spansPerTrace)),
    endTime: onDay(0, trace * 10 + (n % spansPerTrace) + 5),
    inputTokens: n % 1_000,
    input: `question ${n} `.repeat(10),
    attributes: { n, 'http.status_code': 200, ratio: n / 7 },
  }
}

describeBackends('an archive of a million spans', (backend) => {
  it('is imported again equal, in little memory', async () => {
    const [store, whole] = [
      await openStore(await backend.fresh(), { migrate: true }),
      await openStore(await backend.fresh(), { migrate: true }),
    ]
    const to = mkdtempSync(join(inject('servers').directory, 'million-'))
    for (let from = 0; from < count; from += 20_000) {
      await store.writers.spans.bulk(Array.from({ length: Math.min(20_000, count - from) }, (_, n) => span(from + n)))
    }
    await store.writers.traces.write({ traceId: 't1', name: 'authored', tags: ['x'], metadata: { z: 1 } })
    await copyStore(store, whole, { verify: false })
    await untilSettled(store)
    global.gc?.()
    const before = process.memoryUsage().rss
    let mostBytes = before
    const watch = setInterval(() => (mostBytes = Math.max(mostBytes, process.memoryUsage().rss)), 20)
    const started = performance.now()
    const { archived, deleted, parts } = await store.archive({ olderThan: onDay(5) }, { to })
    const archivedMs = performance.now() - started
    expect([archived.spans, deleted.spans, await store.spans.count()]).toEqual([count, count, 0])
    for (const name of readdirSync(to).sort()) await importDocuments(store, createReadStream(join(to, name)))
    clearInterval(watch)
    console.log(
      `${backend.name}: ${count} spans archived in ${(archivedMs / 1000).toFixed(1)} s, ` +
        `${parts.length} files of ${(parts.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1)} MB, imported in ` +
        `${((performance.now() - started - archivedMs) / 1000).toFixed(1)} s, ${((mostBytes - before) / 1e6).toFixed(0)} MB more`,
    )
    const { equal, tables } = await compareStores(whole.pool, store.pool)
    expect({ equal, missing: tables.spans.missing, extra: tables.spans.extra }).toEqual({
      equal: true,
      missing: 0,
      extra: 0,
    })
    expect(mostBytes - before).toBeLessThan(300e6)
    await Promise.all([store.close(), whole.close()])
    rmSync(to, { recursive: true })
  }, 1_800_000)
})
