import { describe, expect, it } from 'vitest'
import { BatchError, copyStore, importDocuments, type SpanRecord, type Transform } from '../../../src/index.ts'
import { otlpRequest, otlpSpan } from '../../formats/otlp-spans.ts'
import { onScratch } from './scratch-store.ts'

const span = (spanId: string, members: object = {}) => ({
  traceId: 't',
  spanId,
  name: spanId,
  startTime: '2026-06-01T00:00:00Z',
  ...members,
})

const throwsAt =
  (spanId: string): Transform =>
  (record, table) => {
    if (table === 'spans' && record.spanId === spanId) throw new Error(`secret ${record.name}`)
    return record
  }

describe('transform', () => {
  it('changes and leaves out records before they are checked, and counts what it leaves out', async () => {
    const transform: Transform = (record, table) => {
      if (table !== 'spans') return record
      return record.name === 'noise' ? undefined : { ...record, costUsd: 0.5, name: record.name.toUpperCase() }
    }
    const { result } = await onScratch({ transform }, async (store) => {
      // Its name is no text: it is left out before anybody looks.
      const written = await store.writers.spans.write([span('a'), span('b', { name: 'noise', startTime: 'never' })])
      return { written, trace: await store.traces.get('t'), stats: store.writers.spans.stats() }
    })
    expect(result.written).toEqual({ stored: 1, deduplicated: 0 })
    expect(result.stats).toMatchObject({ accepted: 1, discarded: 1, refused: 0, stored: 1 })
    expect(result.trace?.spans.map(({ name, costUsd }) => [name, costUsd])).toEqual([['A', 0.5]])
    expect(result.trace?.costUsd).toBe(0.5)
  })

  it('is called one after the other, for bulk writes, imports and whole runs too', async () => {
    const tables = new Set<string>()
    const first: Transform = (record, table) => {
      tables.add(table)
      return table === 'spans' ? { ...record, userId: 'u' } : record
    }
    const second: Transform = (record, table) =>
      table === 'spans' ? { ...record, sessionId: `of ${record.userId}` } : record
    const { result } = await onScratch({ transform: [first, second] }, async (store) => {
      await store.writers.spans.bulk([span('a')])
      const document = otlpRequest(otlpSpan({ events: [{ name: 'e', timeUnixNano: '1763000000000000000' }] }))
      await importDocuments(
        store,
        (async function* () {
          yield JSON.stringify(document)
        })(),
      )
      await store.writers.runs.save([{ trace: { traceId: 'run' }, spans: [span('r', { traceId: 'run' })] }], {
        source: 'test',
      })
      return store.spans.list({})
    })
    expect(result.items.map(({ sessionId }) => sessionId)).toEqual(['of u', 'of u', 'of u'])
    expect([...tables].sort()).toEqual(['events', 'spans', 'traces'])
  })

  it('refuses a record at which it throws, by name and without what it threw, and stores the others', async () => {
    const { result } = await onScratch({ transform: throwsAt('b') }, async (store) => {
      const error = await store.writers.spans.write([span('a'), span('b'), span('c')]).catch((thrown) => thrown)
      return { error, spans: await store.spans.count({}), stats: store.writers.spans.stats() }
    })
    expect(result.error).toBeInstanceOf(BatchError)
    expect(result.error.rejected).toEqual([
      { index: 1, code: 'validation', message: expect.stringContaining('transform threw') },
    ])
    expect(JSON.stringify(result.error.rejected)).not.toContain('secret')
    expect(result.spans).toBe(2)
    expect(result.stats).toMatchObject({ accepted: 2, refused: 1 })
  })

  it('keeps such a record as it was, where it is told to', async () => {
    const { result } = await onScratch({ transform: throwsAt('b'), whenTransformFails: 'keep' }, async (store) => {
      await store.writers.spans.write([span('a'), span('b')])
      return store.spans.count({})
    })
    expect(result).toBe(2)
  })

  it('refuses what is no record: a promise, whose failure is nobody’s, and a text', async () => {
    const later = (async () => Promise.reject(new Error('later'))) as unknown as Transform
    const text = (() => 'text') as unknown as Transform
    for (const transform of [later, text]) {
      const { result } = await onScratch({ transform }, (store) =>
        store.writers.spans.write([span('a')]).catch((error) => error),
      )
      expect(result.rejected?.[0]?.message).toContain('no promise')
    }
  })

  it('checks what it answers with', async () => {
    const broken = ((record: SpanRecord) => ({ ...record, kind: 'nonsense' })) as unknown as Transform
    const { result } = await onScratch({ transform: broken }, (store) =>
      store.writers.spans.write([span('a')]).catch((error) => error),
    )
    expect(result.rejected?.[0]?.message).toContain('kind must be one of')
  })

  it('leaves a whole run out with its trace', async () => {
    const transform: Transform = (record, table) => (table === 'traces' ? undefined : record)
    const { result } = await onScratch({ transform }, async (store) => {
      const saved = await store.writers.runs.save([{ trace: { traceId: 't' }, spans: [span('a')] }], { source: 'test' })
      return { saved, spans: await store.spans.count({}) }
    })
    expect(result).toEqual({ saved: { stored: 0 }, spans: 0 })
  })

  it('is not called for copies, which store what is stored', async () => {
    const none: Transform = () => undefined
    const { result } = await onScratch({}, async (from) => {
      await from.writers.spans.write([span('a')])
      return onScratch({ transform: none }, async (to) => {
        await copyStore(from, to)
        return to.spans.count({})
      })
    })
    expect(result.result).toBe(1)
  })
})
