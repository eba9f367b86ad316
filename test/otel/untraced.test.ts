import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import pg from 'pg'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../src/index.ts'
import { TraceholdSpanExporter } from '../../src/otel/index.ts'
import { createMigrated } from '../servers/migrated.ts'

/** The context manager of OpenTelemetry's Node SDK in short. */
function manageContexts(): void {
  const contexts = new AsyncLocalStorage<Context>()
  const manager = {
    active: () => contexts.getStore() ?? ROOT_CONTEXT,
    with: <A extends unknown[], F extends (...args: A) => ReturnType<F>>(
      to: Context,
      work: F,
      self?: ThisParameterType<F>,
      ...args: A
    ) => contexts.run(to, () => work.call(self, ...args)),
    bind: <T>(_context: Context, target: T) => target,
    enable: () => manager,
    disable: () => manager,
  }
  context.setGlobalContextManager(manager)
  onTestFinished(() => context.disable())
}

/** What an instrumentation of the driver does: a span for each query. */
function instrumentPg(tracer: ReturnType<BasicTracerProvider['getTracer']>): void {
  const { prototype } = pg.Client
  const { query } = prototype
  prototype.query = function (this: pg.Client, ...args: unknown[]) {
    tracer.startSpan('pg.query').end()
    return Reflect.apply(query, this, args)
  } as typeof query
  onTestFinished(() => {
    prototype.query = query
  })
}

// Only PostgreSQL has a driver that OpenTelemetry instruments by patching; a test of one engine.
describe('storing spans under an instrumented driver', () => {
  let database: Awaited<ReturnType<typeof createMigrated.postgres>>
  beforeAll(async () => {
    database = await createMigrated.postgres()
    return () => database.drop()
  })

  it('makes no spans of its own, which would be stored, and make others', async () => {
    await using store = await openStore(database.url)
    manageContexts()
    const exporter = new TraceholdSpanExporter({ store })
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    const tracer = provider.getTracer('my-app')
    instrumentPg(tracer)
    // The app stores rows too, of which the driver's spans would be children.
    const request = tracer.startSpan('request')
    await context.with(trace.setSpan(context.active(), request), () =>
      store.writers.logs.write(Array.from({ length: 50 }, (_, index) => ({ body: `line ${index}` }))),
    )
    request.end()
    await provider.forceFlush()
    expect((await store.spans.list()).items.map(({ name }) => name)).toEqual(['request'])
    expect(exporter.stats()).toMatchObject({ exported: 1, stored: 1 })
  })
})
