import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isoFromMicros } from '../../schema/time.ts'
import { createSink } from '../../src/engines/notifying-sink.ts'
import { type NewTrace, openStore, type Store } from '../../src/index.ts'
import type { AcceptedRow } from '../../src/rows/accepted-row.ts'
import { acceptRow, isAccepted, rowDefaults } from '../../src/writers/accept.ts'
import { traceDefaults, withAuthored, withSaidFields } from '../../src/writers/trace-rows.ts'
import { describeBackends } from '../backends.ts'
import { runs } from '../runs.ts'

const fields = ['name', 'status', 'endTime', 'inputTokens', 'costUsd', 'tags', 'metadata', 'input', 'output'] as const
type Said = Omit<NewTrace, 'traceId'>

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 })
const said: fc.Arbitrary<Said> = fc.record(
  {
    name: orNull(fc.constantFrom('a', 'b', 'c')),
    status: orNull(fc.constantFrom('ok', 'error')),
    endTime: orNull(fc.constantFrom('2030-01-01T00:00:00.000000Z', '2031-01-01T00:00:00.000001Z')),
    inputTokens: orNull(fc.nat(9)),
    costUsd: orNull(fc.constantFrom(0.1, 1e-9)),
    tags: orNull(fc.constantFrom(['x'], [])),
    metadata: orNull(fc.constantFrom({ team: 'red', n: 0.1 }, {})),
    input: orNull(fc.constantFrom<NonNullable<NewTrace['input']>>('text with "quotes" \\', 0, [1, null])),
    output: orNull(fc.constantFrom('out', false)),
  },
  { requiredKeys: [] },
)

/** What is said of one trace, in the order of the stamps: some fields, or all of them. */
const histories = fc.record({
  writes: fc.array(fc.record({ said, isWhole: fc.boolean() }), { minLength: 1, maxLength: 7 }),
  /** The order in which they arrive: some twice, in batches of so many. */
  order: fc.infiniteStream(fc.nat(100)),
  together: fc.integer({ min: 1, max: 3 }),
})

describeBackends('what authors say of a trace', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('stays, field by field, until it is said anew or taken back', async () => {
    const { traces } = store.writers
    await traces.write({ traceId: 't', name: 'mine', metadata: { team: 'red' }, input: 'question' })
    await traces.write([
      { traceId: 't', status: 'ok', output: 'answer' },
      { traceId: 't', metadata: { team: 'blue' } },
      { traceId: 't', name: null, userId: undefined },
    ])
    expect(await store.traces.get('t')).toMatchObject({
      name: null,
      metadata: { team: 'blue' },
      input: 'question',
      output: 'answer',
      status: 'ok',
    })
    await store.writers.spans.write({ traceId: 't', spanId: 's', name: 'root', startTime: '2026-11-20T10:00:00Z' })
    expect(await store.traces.get('t')).toMatchObject({ name: 'root', status: 'ok', input: 'question' })
  })

  it('is replaced by a run that is saved, and lost by none that is said later', async () => {
    await store.writers.traces.write({ traceId: 'run', name: 'before', metadata: { team: 'red' }, userId: 'u' })
    await store.writers.runs.save([{ trace: { traceId: 'run', name: 'saved', input: 'q' }, spans: [] }], {
      source: 's',
    })
    expect(await store.traces.get('run')).toMatchObject({ name: 'saved', metadata: null, userId: null, input: 'q' })
    await store.writers.traces.write({ traceId: 'run', metadata: { team: 'blue' } })
    expect(await store.traces.get('run')).toMatchObject({ name: 'saved', metadata: { team: 'blue' }, input: 'q' })
  })

  let count = 0
  const row = (traceId: string, { said, isWhole }: { said: Said; isWhole: boolean }, micros: number): AcceptedRow => {
    const record = { traceId, ...said }
    const stamp = isoFromMicros(micros)
    const defaults = rowDefaults('traces', { ...traceDefaults(stamp), projectId: 'default', writtenAt: stamp })
    const accepted = acceptRow('traces', record, defaults)
    const complete = isAccepted(accepted) ? (isWhole ? withAuthored : withSaidFields)(accepted, record) : accepted
    if (!isAccepted(complete)) throw new Error(JSON.stringify(complete))
    return complete
  }

  it('is the last that was said of each field, in whichever order it arrives', async () => {
    const sink = createSink(store.pool)
    const property = fc.asyncProperty(histories, async ({ writes, order, together }) => {
      count += 1
      const traceId = `order-${count}`
      const first = 1_796_000_000_000_000
      const arrivals = writes.flatMap((write, n) => [row(traceId, write, first + n), row(traceId, write, first + n)])
      const shuffled = arrivals
        .map((arrival) => ({ arrival, at: order.next().value }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ arrival }) => sink.prepare('traces', arrival))
      for (let from = 0; from < shuffled.length; from += together) {
        const rows = shuffled.slice(from, from + together)
        const { stored, superseded } = await sink.write({ entity: 'traces', projectId: 'default', rows })
        expect(stored + superseded.length).toBe(rows.length)
      }
      const trace = await store.traces.get(traceId)
      expect(trace).toMatchObject({ ...lastSaid(writes), writtenAt: isoFromMicros(first + writes.length - 1) })
    })
    await fc.assert(property, { numRuns: backend.name === 'clickhouse' ? runs(4, 60) : runs(60, 600) })
  })
})

function lastSaid(writes: readonly { said: Said; isWhole: boolean }[]): Said {
  const last: Record<string, unknown> = { ...Object.fromEntries(fields.map((field) => [field, null])), status: 'unset' }
  for (const { said, isWhole } of writes) {
    for (const field of fields) {
      if (isWhole || field in said) last[field] = said[field] ?? (field === 'status' ? 'unset' : null)
    }
  }
  return last as Said
}
