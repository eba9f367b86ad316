import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { TraceholdSpanExporter, TraceholdSpanProcessor } from '../../src/otel/index.ts'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { exported, sdkSpan } from './sdk-records.ts'

// A server that stops and starts: the two other engines have none in a test.
describe('while PostgreSQL is away', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
    const store = await openStore(server.url, { migrate: true })
    await store.close()
  })
  afterAll(() => server.remove())

  const stored = async (projectId: string) => {
    await using store = await openStore(server.url, { projectId })
    return (await store.spans.list({ limit: 1000 })).items.map(({ name }) => name).sort()
  }

  /** An SDK that exports as a service's does, and every failure that it hears of. */
  function startAgent(projectId: string) {
    const failures: unknown[] = []
    const onError = (error: unknown) => failures.push(error)
    const options = { url: server.url, projectId, onError }
    const processors = {
      exporter: new BatchSpanProcessor(new TraceholdSpanExporter(options), { scheduledDelayMillis: 50 }),
      processor: new TraceholdSpanProcessor({ ...options, projectId: `${projectId}-live`, delayMs: 50 }),
    }
    const provider = new BasicTracerProvider({ spanProcessors: Object.values(processors) })
    const tracer = provider.getTracer('my-app')
    return { failures, provider, emit: (name: string) => tracer.startSpan(name).end() }
  }

  it('an agent goes on, and its spans are stored when the server is back', async () => {
    const running = startAgent('running')
    running.emit('before')
    await running.provider.forceFlush()
    await server.kill()
    running.emit('during')
    // This one has never been connected.
    const late = startAgent('late')
    late.emit('during')
    const flushing = [running.provider.forceFlush(), late.provider.forceFlush()]
    running.emit('later')
    await server.start()
    await Promise.all(flushing)
    running.emit('after')
    await Promise.all([running.provider.shutdown(), late.provider.shutdown()])
    for (const project of ['running', 'running-live']) {
      expect(await stored(project)).toEqual(['after', 'before', 'during', 'later'])
    }
    for (const project of ['late', 'late-live']) expect(await stored(project)).toEqual(['during'])
    expect([...running.failures, ...late.failures]).toEqual([])
  })

  it('longer than the SDK waits, an export fails, and the shutdown ends in time', async () => {
    await server.stop()
    const exporter = new TraceholdSpanExporter({ url: server.url, timeoutMs: 300 })
    const { code, error } = await exported((answer) => exporter.export([sdkSpan(1)], answer))
    expect({ code, name: error?.name }).toEqual({
      code: 1,
      name: expect.stringMatching(/ConnectionError|TimeoutError/),
    })
    expect(error?.message).not.toContain(new URL(server.url).password)
    const again = exported((answer) => exporter.export([sdkSpan(2)], answer))
    await exporter.shutdown()
    expect((await again).code).toBe(1)
    expect(exporter.stats()).toMatchObject({ exported: 2, stored: 0 })
    await server.start()
  })
})
