import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Batch } from '../../src/engines/sink.ts'
import {
  BatchError,
  ConnectionError,
  type NewSpan,
  PoolError,
  QueryError,
  type WriterOptions,
} from '../../src/index.ts'
import { columnIndex } from '../../src/rows/accepted-row.ts'
import { BatchWriter } from '../../src/writers/batch-writer.ts'
import { thrown } from '../engines/thrown.ts'
import { ManualSink } from './manual-sink.ts'

const span = (spanId: string, more: Partial<NewSpan> = {}): NewSpan => ({
  traceId: 't',
  spanId,
  name: spanId,
  startTime: '2026-11-20T10:03:00Z',
  ...more,
})
const defaults = () => ({ kind: 'other', status: 'unset', attributes: {} })

function open(options: WriterOptions = {}) {
  const sink = new ManualSink()
  const writer = new BatchWriter<NewSpan>({ entity: 'spans', projectId: 'p', makeSink: () => sink, defaults }, options)
  return { sink, writer }
}
type Writer = ReturnType<typeof open>['writer']

const valuesOf = (batch: Batch, key: string) => batch.rows.map(({ values }) => values[columnIndex('spans', key)])
const spanId = columnIndex('spans', 'spanId')
const stamp = columnIndex('spans', 'writtenAt')
const down = (recovery: 'retry' | 'stop' = 'retry') => new ConnectionError('down', { recovery })

/** What must hold at any moment. */
function expectExact(writer: Writer) {
  const { accepted, stored, deduplicated, rejected, dropped, pending, pendingBytes } = writer.stats()
  expect(accepted).toBe(stored + deduplicated + rejected + dropped + pending)
  expect(pending === 0 ? pendingBytes : Math.sign(pendingBytes)).toBe(pending === 0 ? 0 : 1)
}

describe('acknowledgement', () => {
  it('committed: the write resolves when its rows are stored, and not before', async () => {
    const { sink, writer } = open()
    let done = false
    const write = writer.write([span('a'), span('b')]).finally(() => {
      done = true
    })
    await sink.waiting()
    await setImmediate()
    expect(done).toBe(false)
    await sink.store()
    expect(await write).toEqual({ stored: 2, deduplicated: 0 })
  })

  it('queued: the write resolves at once, and flush waits for the rows', async () => {
    const { sink, writer } = open({ ack: 'queued' })
    await writer.write([span('a'), span('b')])
    expect(sink.batches).toHaveLength(0)
    expectExact(writer)
    expect(writer.stats()).toMatchObject({ accepted: 2, pending: 2 })
    const flushed = writer.flush()
    await sink.store()
    await flushed
    expect(writer.stats()).toMatchObject({ stored: 2, pending: 0 })
  })

  it('queued: what fails later is told by the next flush, once, and to onError', async () => {
    const heard: unknown[] = []
    const { sink, writer } = open({ ack: 'queued', maxAttempts: 1, onError: (error) => heard.push(error) })
    await writer.write(span('a'))
    const flushed = thrown(writer.flush())
    await sink.fail(down())
    expect(await flushed).toBeInstanceOf(ConnectionError)
    await writer.flush()
    expect(heard).toHaveLength(1)
  })

  it('committed: what the caller has heard is not told again by flush or close', async () => {
    const { sink, writer } = open({ maxAttempts: 1 })
    const failed = thrown(writer.write(span('a')))
    await sink.fail(down())
    expect(await failed).toBeInstanceOf(ConnectionError)
    const rejected = thrown(writer.write(span('b')))
    await sink.store({ rejected: [{ index: 0, code: 'query', message: 'no' }] })
    expect(await rejected).toBeInstanceOf(BatchError)
    await writer.flush()
    await writer.close()
  })
})

describe('batches', () => {
  it('go out when they are full, by rows', async () => {
    const { sink, writer } = open({ ack: 'queued', batchRows: 2 })
    await writer.write([span('a'), span('b'), span('c')])
    expect(valuesOf(await sink.store(), 'spanId')).toEqual(['a', 'b'])
    await setImmediate()
    expect(writer.stats()).toMatchObject({ stored: 2, pending: 1 })
    const closed = writer.close()
    expect(valuesOf(await sink.store(), 'spanId')).toEqual(['c'])
    await closed
  })

  it('go out when they are full, by bytes; a row that is larger goes alone', async () => {
    const { sink, writer } = open({ ack: 'queued', batchBytes: 3_000 })
    await writer.write([span('a', { input: 'x'.repeat(9_000) }), span('b'), span('c')])
    expect(valuesOf(await sink.store(), 'spanId')).toEqual(['a'])
    const closed = writer.close()
    expect(valuesOf(await sink.store(), 'spanId')).toEqual(['b', 'c'])
    await closed
  })

  it('go out when they are old', async () => {
    const { sink, writer } = open({ ack: 'queued', maxAgeMs: 5 })
    await writer.write(span('a'))
    expect((await sink.store()).rows).toHaveLength(1)
    await writer.close()
  })

  it('of calls made in one turn are one', async () => {
    const { sink, writer } = open()
    const writes = Promise.all(['a', 'b', 'c'].map((id) => writer.write(span(id))))
    expect((await sink.store()).rows).toHaveLength(3)
    expect(await writes).toEqual(Array.from({ length: 3 }, () => ({ stored: 1, deduplicated: 0 })))
  })

  it('are one at a time, in order', async () => {
    const { sink, writer } = open({ batchRows: 1 })
    const writes = writer.write([span('a'), span('b'), span('c')])
    for (const id of ['a', 'b', 'c']) {
      await sink.waiting()
      await setImmediate()
      expect(sink.batches.at(-1) && valuesOf(sink.batches.at(-1) as Batch, 'spanId')).toEqual([id])
      await sink.store()
    }
    expect(await writes).toEqual({ stored: 3, deduplicated: 0 })
  })

  it('of nothing are not sent', async () => {
    const { sink, writer } = open()
    expect(await writer.write([])).toEqual({ stored: 0, deduplicated: 0 })
    await writer.flush()
    await writer.close()
    expect(sink.batches).toHaveLength(0)
  })
})

describe('a key that comes twice', () => {
  it('in one call: the last one counts, the others are deduplicated', async () => {
    const { sink, writer } = open()
    const write = writer.write([span('a', { name: 'first' }), span('b'), span('a', { name: 'second' })])
    await sink.waiting()
    // Also while the batch is on its way.
    expectExact(writer)
    const batch = await sink.store()
    expect(valuesOf(batch, 'name').sort()).toEqual(['b', 'second'])
    expect(await write).toEqual({ stored: 2, deduplicated: 1 })
    expectExact(writer)
  })

  it('in one batch of two calls: the later call counts, however its row got into the queue', async () => {
    const { sink, writer } = open({ batchRows: 10_000 })
    // A long call lets others in between; all its rows carry the stamp of when it began.
    const filler = Array.from({ length: 2_500 }, (_, n) => span(`filler ${n}`))
    const older = writer.write([...filler, span('a', { name: 'older' })])
    const newer = writer.write(span('a', { name: 'newer' }))
    sink.storeAll()
    await Promise.all([older, newer])
    const sent = sink.batches.flatMap((batch) => batch.rows.filter(({ values }) => values[spanId] === 'a'))
    const winner = sent.reduce((best, row) => ((row.values[stamp] ?? 0) >= (best.values[stamp] ?? 0) ? row : best))
    expect(winner.values[columnIndex('spans', 'name')]).toBe('newer')
  })

  it('is acknowledged only when what it gave way to is stored', async () => {
    const { sink, writer } = open()
    const acknowledged: string[] = []
    const first = writer.write(span('a', { name: 'first' })).then(() => acknowledged.push('first'))
    const second = writer.write(span('a', { name: 'second' })).then(() => acknowledged.push('second'))
    await sink.waiting()
    expect(acknowledged).toEqual([])
    expect(writer.stats()).toMatchObject({ pending: 2, deduplicated: 0 })
    await sink.store()
    await Promise.all([first, second])
    expectExact(writer)
    expect(writer.stats()).toMatchObject({ pending: 0, stored: 1, deduplicated: 1 })
  })

  it('with other ids that look alike when joined are two keys', async () => {
    const { sink, writer } = open()
    const write = writer.write([span('b', { traceId: 'a/' }), span('/b', { traceId: 'a' })])
    await sink.store()
    expect(await write).toEqual({ stored: 2, deduplicated: 0 })
  })
})

describe('rows that cannot be stored', () => {
  it('do not keep the good ones from it; each is named by its place in the call', async () => {
    const { sink, writer } = open()
    const write = thrown(
      writer.write([
        span('a'),
        span('', {}),
        span('c'),
        span('d', { startTime: 'soon' }),
        span('e', { kind: 'x' as 'llm' }),
      ]),
    )
    expect((await sink.store()).rows).toHaveLength(2)
    const error = (await write) as BatchError
    expect(error).toBeInstanceOf(BatchError)
    expect(error.stored).toBe(2)
    expect(error.rejected).toEqual([
      { index: 1, code: 'validation', message: expect.stringMatching(/^spanId must not be empty/) },
      { index: 3, code: 'validation', message: expect.stringMatching(/^startTime must be a Date or ISO-8601/) },
      { index: 4, code: 'validation', message: expect.stringMatching(/^kind must be one of workflow/) },
    ])
    expect(writer.stats()).toMatchObject({ accepted: 2, refused: 3, stored: 2, rejected: 0 })
    expectExact(writer)
  })

  it('since newer ones are stored are told to the call that brought them', async () => {
    const { sink, writer } = open()
    const calls = [writer.write(span('a')), writer.write([span('b'), span('c')]), writer.write(span('d'))]
    await sink.store({ superseded: [1, 3] })
    expect(await Promise.all(calls)).toEqual([
      { stored: 1, deduplicated: 0 },
      { stored: 1, deduplicated: 1 },
      { stored: 0, deduplicated: 1 },
    ])
    expectExact(writer)
  })

  it('and that nobody waits for are told to onError', async () => {
    const heard: unknown[] = []
    const { sink, writer } = open({ ack: 'queued', onError: (error) => heard.push(error) })
    await writer.write([span('a'), span('b')])
    const flushed = thrown(writer.flush())
    await sink.store({ rejected: [{ index: 1, code: 'query', message: 'refused' }] })
    expect(heard).toEqual([await flushed])
  })

  it('may be written again, waited for, by the onError that hears of them', async () => {
    let again: Promise<unknown> | undefined
    const onError = () => {
      again = writer.write(span('noted'), { ack: 'committed' })
    }
    const { sink, writer } = open({ ack: 'queued', batchRows: 1, onError })
    await writer.write(span('a'))
    await sink.store({ rejected: [{ index: 0, code: 'query', message: 'refused' }] })
    expect(valuesOf(await sink.store(), 'spanId')).toEqual(['noted'])
    expect(await again).toEqual({ stored: 1, deduplicated: 0 })
    expectExact(writer)
  })

  it('since the engine refuses them are named too', async () => {
    const { sink, writer } = open()
    const write = thrown(writer.write([span('a'), span(''), span('c'), span('d')]))
    await sink.store({ rejected: [{ index: 1, code: 'query', message: 'refused' }] })
    expect((await write) as BatchError).toMatchObject({
      stored: 2,
      rejected: [{ index: 1 }, { index: 2, code: 'query', message: 'refused' }],
    })
    expect(writer.stats()).toMatchObject({ accepted: 3, refused: 1, stored: 2, rejected: 1 })
  })

  it('are told at once to who waits for the queue only', async () => {
    const { writer, sink } = open({ ack: 'queued' })
    expect(await thrown(writer.write([span('a'), span('')]))).toBeInstanceOf(BatchError)
    const closed = writer.close()
    expect((await sink.store()).rows).toHaveLength(1)
    await closed
  })

  it('may each have several faults', async () => {
    const { writer } = open()
    const error = (await thrown(writer.write({} as NewSpan))) as BatchError
    const { message } = error.rejected[0] ?? { message: '' }
    for (const field of ['traceId', 'spanId', 'name', 'startTime']) expect(message).toContain(`${field} is required`)
  })
})

describe('a full queue', () => {
  it('makes write wait for room', async () => {
    const { sink, writer } = open({ ack: 'queued', queueRows: 2 })
    await writer.write([span('a'), span('b')])
    let done = false
    const write = writer.write(span('c')).then(() => {
      done = true
    })
    await sink.waiting()
    await setImmediate()
    expect(done).toBe(false)
    expectExact(writer)
    await sink.store()
    await write
    const closed = writer.close()
    await sink.store()
    await closed
    expect(writer.stats()).toMatchObject({ accepted: 3, stored: 3, dropped: 0 })
  })

  it('or drops the rows, names them and counts them', async () => {
    const { sink, writer } = open({ ack: 'queued', queueRows: 2, whenFull: 'drop' })
    const error = (await thrown(writer.write(['a', 'b', 'c', 'd'].map((id) => span(id))))) as BatchError
    expect(error.rejected).toEqual([
      { index: 2, code: 'pool', message: expect.stringMatching(/dropped because the queue is full/) },
      { index: 3, code: 'pool', message: expect.stringMatching(/dropped because the queue is full/) },
    ])
    expect(writer.stats()).toMatchObject({ accepted: 4, dropped: 2, pending: 2 })
    const closed = writer.close()
    await sink.store()
    await closed
    expectExact(writer)
  })

  it('counts bytes as well, and lets one row of any size in', async () => {
    const { sink, writer } = open({ ack: 'queued', queueBytes: 2_000, whenFull: 'drop' })
    await writer.write(span('a', { input: 'x'.repeat(5_000) }))
    expect(await thrown(writer.write(span('b')))).toBeInstanceOf(BatchError)
    const closed = writer.close()
    await sink.store()
    await closed
    expect(writer.stats()).toMatchObject({ stored: 1, dropped: 1 })
  })

  it('lets a call larger than the queue through', async () => {
    const { sink, writer } = open({ queueRows: 10, batchRows: 4 })
    const write = writer.write(Array.from({ length: 95 }, (_, n) => span(`s${n}`)))
    await sink.store()
    expect(writer.stats().pending).toBeLessThanOrEqual(10)
    sink.storeAll()
    expect(await write).toEqual({ stored: 95, deduplicated: 0 })
    expectExact(writer)
  })
})

describe('a database that stays away', () => {
  const retries = { maxAttempts: 3, retryDelayMs: 1, maxRetryDelayMs: 2 }

  it('is tried again with the same rows and stamps', async () => {
    const heard: unknown[] = []
    const { sink, writer } = open({ ...retries, onError: (error) => heard.push(error) })
    const write = writer.write([span('a'), span('b')])
    await sink.fail(down())
    await sink.fail(down())
    await sink.store()
    expect(await write).toEqual({ stored: 2, deduplicated: 0 })
    const stamps = sink.batches.map((batch) => valuesOf(batch, 'writtenAt'))
    expect(stamps).toEqual([stamps[0], stamps[0], stamps[0]])
    expect(writer.stats()).toMatchObject({ stored: 2, dropped: 0, batches: 1, retries: 2 })
    expect(heard).toHaveLength(2)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('the log is full')
      },
    ],
    [
      'fails later',
      async () => {
        throw new Error('the log is full')
      },
    ],
  ])('is tried again also where onError %s', async (_, onError) => {
    const { sink, writer } = open({ ...retries, onError })
    const warned = once(process, 'warning')
    const write = writer.write([span('a'), span('b')])
    await sink.fail(down())
    await sink.store()
    expect(await write).toEqual({ stored: 2, deduplicated: 0 })
    expect(writer.stats()).toMatchObject({ stored: 2, dropped: 0, retries: 1 })
    expect((await warned)[0]).toMatchObject({ name: 'TraceholdWarning', message: expect.stringMatching(/onError/) })
  })

  it('for too long: the rows are given up and counted, and the writer goes on', async () => {
    const { sink, writer } = open(retries)
    const write = thrown(writer.write([span('a'), span('b')]))
    for (let attempt = 0; attempt < retries.maxAttempts; attempt += 1) await sink.fail(down())
    expect(await write).toBeInstanceOf(ConnectionError)
    expect(writer.stats()).toMatchObject({ accepted: 2, dropped: 2, pending: 0 })
    const next = writer.write(span('c'))
    await sink.store()
    expect(await next).toEqual({ stored: 1, deduplicated: 0 })
    expectExact(writer)
  })

  it('is not tried again when that would not help', async () => {
    const { sink, writer } = open(retries)
    const write = thrown(writer.write(span('a')))
    await sink.fail(new QueryError('no such table'))
    expect(await write).toBeInstanceOf(QueryError)
    expect(sink.batches).toHaveLength(1)
  })
})

describe('flush and close', () => {
  it('flush ends although others go on writing', async () => {
    const { sink, writer } = open({ batchRows: 10 })
    sink.storeAll()
    let writing = true
    const keepWriting = async (lane: string) => {
      for (let n = 0; writing; n += 1) await writer.write(span(`${lane}${n}`))
    }
    const lanes = Promise.all(['a', 'b', 'c', 'd'].map(keepWriting))
    const patience = (async () => {
      while (sink.batches.length < 2_000) await setImmediate()
      return 'still flushing after two thousand batches'
    })()
    const outcome = await Promise.race([writer.flush().then(() => 'flushed'), patience])
    writing = false
    await lanes
    expect(outcome).toBe('flushed')
  })

  it('close stores what waits, and refuses what comes later', async () => {
    const { sink, writer } = open({ ack: 'queued' })
    await writer.write(span('a'))
    const closed = writer.close()
    expect(await thrown(writer.write(span('b')))).toBeInstanceOf(PoolError)
    await sink.store()
    await closed
    await writer.close()
    expect(await thrown(writer.write(span('c')))).toBeInstanceOf(PoolError)
    expect(writer.stats()).toMatchObject({ accepted: 1, stored: 1, pending: 0 })
  })

  it.each([1, 100])(
    'a call that waits for room while the writer closes has each row stored or refused: %i a batch',
    async (batchRows) => {
      const { sink, writer } = open({ queueRows: 1, batchRows })
      const write = writer.write([span('a'), span('b'), span('c')]).then(
        (result) => result,
        (error: Error) => error,
      )
      await sink.waiting()
      const closed = writer.close()
      sink.storeAll()
      expect(await write).toBeInstanceOf(PoolError)
      await closed
      await setImmediate()
      expectExact(writer)
      expect(writer.stats().pending).toBe(0)
    },
  )
})

describe('records that end in an error', () => {
  it('have it thrown, and those before it are stored', async () => {
    const { sink, writer } = open({ maxAgeMs: 60_000 })
    function* broken() {
      yield span('a')
      throw new RangeError('the source broke')
    }
    expect(await thrown(writer.write(broken()))).toBeInstanceOf(RangeError)
    expect(valuesOf(await sink.store(), 'spanId')).toEqual(['a'])
    await writer.flush()
    expect(writer.stats()).toMatchObject({ accepted: 1, stored: 1, pending: 0 })
  })
})

describe('an object that its caller changes after write', () => {
  it('is stored as it was', async () => {
    const { sink, writer } = open({ ack: 'queued' })
    const attributes = { model: 'a' }
    const mutable = span('a', { attributes })
    await writer.write(mutable)
    attributes.model = 'b'
    mutable.name = 'changed'
    const closed = writer.close()
    const batch = await sink.store()
    await closed
    expect(valuesOf(batch, 'name')).toEqual(['a'])
    expect(valuesOf(batch, 'attributes')).toEqual(['{"model":"a"}'])
  })
})

describe('the tenant and the stamp', () => {
  it('are the writer’s, whatever a record holds', async () => {
    const { sink, writer } = open()
    const stored = { ...span('a'), projectId: 'other', writtenAt: '2200-01-01T00:00:00.000000Z' }
    const write = writer.write(stored)
    const batch = await sink.store()
    await write
    expect(valuesOf(batch, 'projectId')).toEqual(['p'])
    expect(valuesOf(batch, 'writtenAt')[0]).toBeLessThan(Date.UTC(2200, 0) * 1000)
  })
})

describe('statistics', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('write' as const), ids: fc.array(fc.nat(5), { maxLength: 6 }), bad: fc.nat(2) }),
      fc.record({ do: fc.constant('store' as const), rejects: fc.boolean(), supersedes: fc.boolean() }),
      fc.record({ do: fc.constant('fail' as const), recovery: fc.constantFrom('retry' as const, 'stop' as const) }),
      fc.record({ do: fc.constant('turn' as const) }),
      fc.record({ do: fc.constant('flush' as const) }),
    ),
    { maxLength: 25 },
  )
  const options = fc.record({
    ack: fc.constantFrom('queued' as const, 'committed' as const),
    whenFull: fc.constantFrom('block' as const, 'drop' as const),
    batchRows: fc.integer({ min: 1, max: 5 }),
    queueRows: fc.integer({ min: 1, max: 8 }),
    maxAttempts: fc.constantFrom(1, 2),
  })

  it('are exact at every moment', async () => {
    await fc.assert(
      fc.asyncProperty(steps, options, async (todo, settings) => {
        const { sink, writer } = open({ ...settings, retryDelayMs: 1, maxRetryDelayMs: 1, maxAgeMs: 60_000 })
        const calls: Promise<unknown>[] = []
        for (const step of todo) {
          if (step.do === 'write') {
            const rows = [...step.ids.map((id) => span(`s${id}`)), ...Array.from({ length: step.bad }, () => span(''))]
            calls.push(writer.write(rows).catch(() => {}))
          } else if (step.do === 'flush') calls.push(writer.flush().catch(() => {}))
          else if (step.do === 'turn') await setImmediate()
          else if (sink.isWaiting && step.do === 'fail') await sink.fail(down(step.recovery))
          else if (sink.isWaiting && step.do === 'store') {
            const rejected = step.rejects ? [{ index: 0, code: 'query' as const, message: 'no' }] : []
            const rows = sink.batches.at(-1)?.rows.length ?? 0
            await sink.store({ rejected, superseded: step.supersedes && rows > rejected.length ? [rows - 1] : [] })
          }
          expectExact(writer)
        }
        sink.storeAll()
        await Promise.all(calls)
        expectExact(writer)
        await writer.close().catch(() => {})
        expect(writer.stats()).toMatchObject({ pending: 0, pendingBytes: 0 })
        expectExact(writer)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a bulk write', () => {
  const mebibyte = 1024 * 1024

  it.each([0.001, 1, 3, 20])('stores each of its chunks in one batch, of rows of %d MiB', async (mebibytes) => {
    const { sink, writer } = open()
    sink.storeAll()
    const statusMessage = 'x'.repeat(mebibytes * mebibyte)
    const count = Math.min(Math.ceil(100 / mebibytes), 12_000)
    const rows = function* () {
      for (let n = 0; n < count; n += 1) yield span(String(n), { statusMessage })
    }
    const onProgress = vi.fn()
    const { stored } = await writer.bulk(rows(), { onProgress })
    expect(stored).toBe(count)
    // A rest that waited for the next chunk would make one batch more, and have the server wait.
    expect(sink.batches).toHaveLength(onProgress.mock.calls.length)
    for (const { rows: batch } of sink.batches) {
      const bytes = batch.reduce((sum, row) => sum + row.bytes, 0)
      expect(bytes).toBeLessThan((16 + mebibytes) * mebibyte + batch.length)
    }
  })
})
