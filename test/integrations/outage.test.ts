import { expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { TraceholdTracingProcessor } from '../../src/integrations/openai-agents.ts'
import { createMigrated } from '../servers/migrated.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'

const span = (spanId: string) => ({
  traceId: 'trace_1',
  spanId,
  parentId: null,
  startedAt: '2026-06-01T00:00:00.000Z',
  endedAt: '2026-06-01T00:00:01.000Z',
  spanData: { type: 'agent', name: 'helper' },
  error: null,
})

it('what ends while the database is away is stored when it is back, and a flush waits for it', async () => {
  const { url, drop } = await createMigrated.postgres()
  const proxy = await TcpProxy.open(url)
  const failedTries: unknown[] = []
  const writers = { onError: (error: unknown) => void failedTries.push(error), retryDelayMs: 20, maxRetryDelayMs: 50 }
  const through = await openStore(proxy.url, { statementTimeoutMs: 200, writers })
  const processor = new TraceholdTracingProcessor({ store: through, delayMs: 10 })
  await processor.onSpanEnd(span('before'))
  await processor.forceFlush()
  proxy.blackhole()
  proxy.cutAll()
  await processor.onSpanEnd(span('during'))
  const flushed = processor.forceFlush()
  await expect.poll(() => failedTries.length, { timeout: 20_000 }).toBeGreaterThan(2)
  proxy.resume()
  await flushed
  await processor.shutdown()
  const store = await openStore(url)
  expect((await store.spans.ofTrace('trace_1')).map(({ spanId }) => spanId).sort()).toEqual(['before', 'during'])
  expect(processor.stats()).toMatchObject({ stored: 2, lost: 0, refused: 0, pending: 0 })
  await Promise.all([through.close(), store.close()])
  await proxy.close()
  await drop()
})
