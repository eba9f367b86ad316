import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { createSink } from '../../src/engines/notifying-sink.ts'
import type { NewSpan } from '../../src/index.ts'
import { type Backend, describeBackends } from '../backends.ts'
import { executeClickHouse } from '../servers/clickhouse.ts'
import { executePostgres } from '../servers/databases.ts'
import { suiteStore } from '../suite-store.ts'

const at = (second: number) => `2026-11-20T10:03:${String(second).padStart(2, '0')}.000000Z`

const spans: NewSpan[] = [
  { traceId: 't', spanId: 'agent', name: 'run', kind: 'agent', startTime: at(0), inputTokens: 500, outputTokens: 100 },
  {
    traceId: 't',
    spanId: 'call',
    parentSpanId: 'agent',
    name: 'chat',
    kind: 'llm',
    startTime: at(1),
    endTime: at(2),
    inputTokens: 500,
    outputTokens: 100,
  },
]

const execute: Record<Backend['name'], (url: string, sql: string) => Promise<unknown>> = {
  async sqlite(url, sql) {
    const database = new Database(url.slice('sqlite:'.length))
    database.exec(sql)
    database.close()
  },
  postgres: executePostgres,
  clickhouse: executeClickHouse,
}
const schema = ({ name }: Backend) => (name === 'postgres' ? 'tracehold.' : '')

describeBackends('a rebuild of traces', (backend) => {
  const store = suiteStore(() => Promise.resolve({ url: backend.url(), drop: async () => {} }))

  it('finds nothing after writers, and spans of an agent that repeats its calls count once', async () => {
    await store().writers.spans.write(spans)
    expect(await store().rebuildTraces({ check: true })).toEqual({ traces: 1, differences: [] })
    const trace = await store().traces.get('t')
    expect(trace).toMatchObject({ inputTokens: 500, outputTokens: 100, totalTokens: 600, llmCallCount: 1 })
    const [usage] = await store().analytics.usage()
    expect(usage).toMatchObject({ spans: 2, inputTokens: 500, outputTokens: 100, totalTokens: 600 })
    const byKind = await store().analytics.usage({ by: ['kind'] })
    expect(byKind.map(({ kind, inputTokens }) => [kind, inputTokens])).toEqual([
      ['agent', 0],
      ['llm', 500],
    ])
  })

  it('counts anew what lost its last span, and says so', async () => {
    await store().writers.spans.write(spans)
    const { recounted } = store().writers.spans.stats()
    // It ends earlier now: only all spans can tell what the last end is.
    await store().writers.spans.write({ ...(spans[1] as NewSpan), endTime: at(1) })
    expect((await store().traces.get('t'))?.endTime).toBe(at(1))
    expect(store().writers.spans.stats().recounted).toBe(recounted + (backend.name === 'clickhouse' ? 0 : 1))
    await createSink(store().pool).recountTraces(store().projectId, ['t'])
    expect((await store().rebuildTraces()).differences).toEqual([])
    expect(await store().traces.get('t')).toMatchObject({ inputTokens: 500, endTime: at(1), spanCount: 2 })
  })

  it('finds what somebody changed by SQL, and puts it right', async () => {
    const { writers } = store()
    await writers.spans.write(spans.map((span) => ({ ...span, traceId: 'changed' })))
    await writers.spans.write(spans.map((span) => ({ ...span, traceId: 'rowless' })))
    const before = await Promise.all(['changed', 'rowless'].map((traceId) => store().traces.get(traceId)))
    const [traces, traceSpans] =
      backend.name === 'sqlite' ? ['tracehold_traces', 'tracehold_spans'] : ['traces', 'spans']
    const run = (sql: string) => execute[backend.name](backend.url(), sql)
    if (backend.name === 'clickhouse') {
      await run(`insert into traces select * replace ('other' as name, version + 1 as version) from traces final
        where trace_id = 'changed'`)
    } else {
      await run(`update ${schema(backend)}${traces} set name = 'other', derived = replace(derived, '[2,', '[9,')
        where trace_id = 'changed'`)
      await run(`update ${schema(backend)}${traceSpans} set usage_below = null where trace_id = 'changed'`)
      await run(`insert into ${schema(backend)}${backend.name === 'sqlite' ? 'tracehold_' : ''}pending_usage
        values ('${store().projectId}', 'changed', 'nobody', '[[1,0,0,0,0,0,0,0]]')`)
    }
    await run(`delete from ${schema(backend)}${traces} where trace_id = 'rowless'`)
    const { differences } = await store().rebuildTraces({ check: true })
    expect(differences).toContainEqual({ traceId: 'rowless', columns: ['traceId'], spans: 0, parents: 0 })
    const brought =
      backend.name === 'clickhouse'
        ? { columns: ['name'], spans: 0, parents: 0 }
        : { columns: ['name', 'derived'], spans: 1, parents: 1 }
    expect(differences).toContainEqual({ traceId: 'changed', ...brought })
    await store().rebuildTraces()
    expect(await store().rebuildTraces({ check: true })).toMatchObject({ differences: [] })
    const after = await Promise.all(['changed', 'rowless'].map((traceId) => store().traces.get(traceId)))
    expect(after).toEqual(before)
  })
})
