import { afterEach, beforeEach, expect, it } from 'vitest'
import { type NewSpan, openStore, PoolError, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'

const span = (n: number): NewSpan => ({
  traceId: `t${n >> 4}`,
  spanId: `s${n}`,
  name: 'call',
  startTime: new Date(1_760_000_000_000 + n),
})
function* spans(count: number) {
  for (let n = 0; n < count; n += 1) yield span(n)
}

describeBackends('a bulk write', (backend) => {
  let store: Store
  beforeEach(async () => {
    store = await openStore(await backend.migrated(), { migrate: true })
  })
  afterEach(() => store.close())

  const writer = () => store.writers.spans
  const storedSpans = () => store.db.$count(store.tables.spans)
  /** More than two lanes take at once, so that some are on their way while others are read. */
  const many = backend.name === 'clickhouse' ? 45_000 : 10_000

  function expectExact() {
    const { accepted, stored, deduplicated, rejected, dropped, pending } = writer().stats()
    expect(accepted).toBe(stored + deduplicated + rejected + dropped + pending)
  }
  /** Everything that was accepted is in the database, and nothing is on its way. */
  async function expectSettled() {
    expectExact()
    const { accepted, stored, pending } = writer().stats()
    expect(pending).toBe(0)
    expect(stored).toBe(accepted)
    expect(await storedSpans()).toBe(stored)
  }

  it('counts exactly at every moment', async () => {
    function* watched() {
      for (const record of spans(many)) {
        expectExact()
        yield record
      }
    }
    expect(await writer().bulk(watched())).toMatchObject({ read: many, stored: many })
    await expectSettled()
  })

  it('whose source throws fails with that error, and what was read before is stored', async () => {
    function* broken() {
      yield* spans(many)
      throw new RangeError('the source broke')
    }
    await expect(writer().bulk(broken())).rejects.toThrow(RangeError)
    expect(writer().stats().accepted).toBe(many)
    await expectSettled()
  })

  it.each([
    [
      'throws',
      () => {
        throw new RangeError('no')
      },
    ],
    [
      'fails later',
      async () => {
        throw new RangeError('no')
      },
    ],
  ])('whose onProgress %s fails with that error and reads no further', async (_, onProgress) => {
    let read = 0
    async function* counted() {
      for (;;) yield span(read++)
    }
    await expect(writer().bulk(counted(), { onProgress })).rejects.toThrow(RangeError)
    await expectSettled()
    expect(read).toBeLessThan(200_000)
  })

  it('takes a record for later than what was written while its source waited', async () => {
    async function* slow() {
      yield span(0)
      await writer().write({ ...span(1), name: 'older' })
      yield { ...span(1), name: 'newer' }
    }
    await writer().bulk(slow())
    expect(await store.spans.get('t0', 's1')).toMatchObject({ name: 'newer' })
  })

  it('is part of what flush waits for', async () => {
    const flushAt = new Set([1, 777, many >> 1])
    async function* flushed() {
      for (const record of spans(many)) {
        if (flushAt.delete(writer().stats().accepted)) {
          await writer().flush()
          expect(writer().stats().pending).toBe(0)
          expect(await storedSpans()).toBe(writer().stats().stored)
        }
        yield record
      }
    }
    await writer().bulk(flushed())
    expect(flushAt.size).toBe(0)
  })

  it('ends when the writer is closed, which stores what it had accepted', async () => {
    async function* closing() {
      for (const record of spans(many)) {
        if (writer().stats().pending > 0) {
          await writer().close()
          await expectSettled()
        }
        yield record
      }
    }
    await expect(writer().bulk(closing())).rejects.toThrow(PoolError)
    await expectSettled()
    await expect(writer().bulk(spans(1))).rejects.toThrow(PoolError)
  })

  it('ends at an abort while its source is idle, tells the source, and stores what it had given', async () => {
    const abort = new AbortController()
    let given = 0
    let returned = 0
    const idle: AsyncIterable<NewSpan> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          if (given < 3) return Promise.resolve({ done: false, value: span(given++) })
          setImmediate(() => abort.abort(new Error('enough')))
          return new Promise(() => {})
        },
        return: async () => {
          returned += 1
          return { done: true, value: undefined }
        },
      }),
    }
    expect((await thrown(writer().bulk(idle, { signal: abort.signal }))).message).toBe('enough')
    expect(returned).toBe(1)
    expect(writer().stats().accepted).toBe(3)
    await expectSettled()
  })
})
