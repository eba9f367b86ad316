import { describe, expect, it } from 'vitest'
import type { TraceStep } from '../../src/formats/selectools/document.ts'
import { runTraceStoreConformance } from '../../src/testing/index.ts'
import { InMemoryTraceStore } from '../../src/trace-store/memory.ts'

runTraceStoreConformance({
  describe,
  it,
  name: 'InMemoryTraceStore',
  open: () => ({ subject: new InMemoryTraceStore() }),
})

it('refuses steps that are nested too deeply as what they are', async () => {
  const steps = Array.from({ length: 20_000 }).reduce<TraceStep[]>((children) => [{ type: 'x', children }], [])
  const saved = new InMemoryTraceStore().save({ run_id: 'r1', start_time: 1, steps })
  await expect(saved).rejects.toThrow('Invalid trace: trace is nested too deeply')
})

describe('InMemoryTraceStore', () => {
  const trace = (run_id: string) => ({ run_id, start_time: 1, steps: [] })

  it('lets the trace go that was not saved or loaded for the longest time', async () => {
    const store = new InMemoryTraceStore({ maxSize: 3 })
    for (const id of ['a', 'b', 'c']) await store.save(trace(id))
    await store.load('a')
    await store.save(trace('b'))
    await store.list()
    await store.query({ metadata_match: { c: null } })
    await store.save(trace('d'))
    expect((await store.list()).map(({ run_id }) => run_id)).toEqual(['d', 'b', 'a'])
  })

  it('counts a trace that is saved again once', async () => {
    const store = new InMemoryTraceStore({ maxSize: 2 })
    for (const id of ['a', 'b', 'b', 'b']) await store.save(trace(id))
    expect((await store.list()).map(({ run_id }) => run_id)).toEqual(['b', 'a'])
  })

  it('keeps a thousand unless told otherwise', async () => {
    const store = new InMemoryTraceStore()
    for (let i = 0; i < 1001; i += 1) await store.save(trace(`r${i}`))
    expect(await store.list(2000)).toHaveLength(1000)
    await expect(store.load('r0')).rejects.toThrow("Trace 'r0' not found")
  })

  it('refuses a size that is none', () => {
    for (const maxSize of [0, -1, 1.5, Number.NaN]) {
      expect(() => new InMemoryTraceStore({ maxSize })).toThrow('maxSize must be a whole number, 1 or more')
    }
  })
})
