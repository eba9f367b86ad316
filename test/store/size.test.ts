import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DatabaseSize, openStore, type Store, ValidationError } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { runCommand } from '../cli/run-command.ts'
import { onDay, spansOn } from '../lifecycle/life-of-data.ts'

/** Text that no compression makes much smaller. */
const noise = (length: number, seed: number) => {
  let state = seed
  const digit = () => {
    state = (state * 48_271) % 2_147_483_647
    return (state % 36).toString(36)
  }
  return Array.from({ length }, digit).join('')
}

describeBackends('what takes the room', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    const traces: [string, number, number, string][] = [
      ['small', 0, 100, 'model-s'],
      ['large', 1, 20_000, 'model-l'],
      ['middle', 2, 5_000, 'model-s'],
    ]
    const spans = traces.flatMap(([id, day, length, model], n) =>
      spansOn(id, day, { more: { input: noise(length, n + 1), model, attributes: { text: noise(length, n + 9) } } }),
    )
    const byAgent = spans.map((span) =>
      span.parentSpanId === null ? { ...span, agentName: `of ${span.model}` } : span,
    )
    await store.writers.spans.write(byAgent)
    await store.forProject('other').writers.spans.write(spansOn('theirs', 0, { more: { input: noise(40_000, 7) } }))
  })
  afterAll(() => store.close())

  it('is told by table and index', async () => {
    const { bytes, freeBytes, parts } = await store.size()
    const spans = parts.find(({ name, kind }) => kind === 'table' && /spans$/.test(name))
    expect(spans).toMatchObject({ table: spans?.name })
    // PostgreSQL hears of what connections wrote a little later.
    expect([null, 3, 9, 12]).toContain(spans?.rows)
    expect(parts.filter(({ kind, table }) => kind === 'index' && table === spans?.name).length).toBeGreaterThan(0)
    expect(parts.every((part) => part.bytes >= 0)).toBe(true)
    expect(bytes).toBe(parts.reduce((sum, part) => sum + part.bytes, freeBytes ?? 0))
    // What was said is part of it, although an engine may keep it outside of rows.
    const held = parts.filter(({ table, kind }) => table === spans?.name && kind !== 'index')
    expect(held.reduce((sum, part) => sum + part.bytes, 0)).toBeGreaterThan(50_000)
  })

  it('is told by the traces, models and agents of the project, the largest first', async () => {
    const { largest } = await store.size({ largest: 2 })
    expect(largest.traces.map(({ name }) => name)).toEqual(['large', 'middle'])
    expect(largest.models.map(({ name, spans }) => [name, spans])).toEqual([
      ['model-l', 3],
      ['model-s', 6],
    ])
    // Spans without an agent are those of the agent above them.
    expect(largest.agents.map(({ name, spans }) => [name, spans])).toEqual([
      ['of model-l', 3],
      ['of model-s', 6],
    ])
    expect(largest.traces[0]?.bytes).toBeGreaterThan(3 * 2 * 10_000)
    expect(largest.traces[0]?.bytes).toBe(largest.models[0]?.bytes)
  })

  it('is told of the spans that a filter finds', async () => {
    const { largest } = await store.size({ until: onDay(1) })
    expect(largest.traces.map(({ name }) => name)).toEqual(['small'])
    expect((await store.size({ largest: 0 })).largest).toEqual({ traces: [], models: [], agents: [] })
    await expect(store.size({ largest: 0.5 })).rejects.toThrow(ValidationError)
  })

  it('is told by the command', async () => {
    const run = (...args: string[]) => runCommand(['size', ...args, '--db', backend.url()])
    const { stdout, code } = await run('--top', '2')
    expect(code).toBe(0)
    expect(stdout).toMatch(/spans +table/)
    expect(stdout).toMatch(/largest traces +spans +content\nlarge +3 +\d+ kB\nmiddle +3/)
    const told = (await run('--json', '--model', 'model-s')).json<DatabaseSize>()
    expect(told.largest.traces.map(({ name }) => name)).toEqual(['middle', 'small'])
  })
})

describeBackends('an empty database', (backend) => {
  it('takes room for its tables, and has nothing that is largest', async () => {
    await using store = await openStore(backend.url(), { migrate: true })
    const { bytes, largest } = await store.size()
    expect(bytes).toBeGreaterThanOrEqual(0)
    expect(largest).toEqual({ traces: [], models: [], agents: [] })
  })
})
