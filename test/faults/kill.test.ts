import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { runs } from '../runs.ts'
import { createMigrated } from '../servers/migrated.ts'

const program = fileURLToPath(new URL('kill-process.mjs', import.meta.url))
const rowsOfBatch = 20

describe.each(['sqlite', 'postgres'] as const)('a process that is killed while it writes: %s', (engine) => {
  it('has stored what it was told is stored, whole batches and once', { timeout: 600_000 }, async () => {
    const { url, drop } = await createMigrated[engine]()
    const store = await openStore(url)
    for (let round = 0; round < runs(2, 50); round += 1) {
      const child = fork(program, [url, String(round), String(rowsOfBatch)])
      const acknowledged: number[] = []
      child.on('message', (batch: number) => acknowledged.push(batch))
      await once(child, 'message')
      await delay(Math.random() * 100)
      child.kill('SIGKILL')
      await once(child, 'close')
      const perBatch = new Map<string, number>()
      const seen = new Set<string>()
      for await (const { traceId, spanId } of store.forProject(`round ${round}`).spans.stream({})) {
        perBatch.set(traceId, (perBatch.get(traceId) ?? 0) + 1)
        seen.add(spanId)
      }
      expect([...perBatch.values()].every((rows) => rows === rowsOfBatch)).toBe(true)
      expect(seen.size).toBe(perBatch.size * rowsOfBatch)
      expect(acknowledged.filter((batch) => !perBatch.has(`batch ${batch}`))).toEqual([])
      for await (const trace of store.forProject(`round ${round}`).traces.stream({})) {
        expect(trace).toMatchObject({ spanCount: rowsOfBatch, inputTokens: rowsOfBatch })
      }
    }
    await store.close()
    await drop()
  })
})
