import { describe, expect, it } from 'vitest'
import { type RunBatch, selectRuns } from '../../src/engines/runs.ts'

interface Row {
  readonly leadingKey: string
  readonly id: string
}

const row = (leadingKey: string, id = leadingKey): Row => ({ leadingKey, id })

const batch = (onOtherSource: RunBatch['onOtherSource']): RunBatch<Row> => ({
  projectId: 'p',
  source: 'selectools',
  writtenAt: 1,
  onOtherSource,
  traces: [row('c'), row('a'), row('b')],
  spans: [row('c', 'c1'), row('a', 'a1'), row('b', 'b1'), row('a', 'a2')],
})

const ids = (rows: readonly Row[]) => rows.map(({ id }) => id)
const stored = (newer: string[], others: string[]) => ({ newer: new Set(newer), others: new Set(others) })

describe('what is stored of runs', () => {
  it('is all of them where the database holds nothing of them, their traces in the order of locks', () => {
    const selected = selectRuns(batch('merge'), stored([], []))
    expect(selected.traceIds).toEqual(['a', 'b', 'c'])
    expect(ids(selected.traces)).toEqual(['c', 'a', 'b'])
    expect(ids(selected.spans)).toEqual(['c1', 'a1', 'b1', 'a2'])
    expect(selected.result).toEqual({ superseded: [], others: [] })
  })

  it('is nothing of a run whose stored version is newer', () => {
    const selected = selectRuns(batch('merge'), stored(['a'], []))
    expect(selected.traceIds).toEqual(['b', 'c'])
    expect(ids(selected.spans)).toEqual(['c1', 'b1'])
    expect(selected.result).toEqual({ superseded: ['a'], others: [] })
  })

  it('is the trace without its spans where another source has spans of it, when runs are merged', () => {
    const selected = selectRuns(batch('merge'), stored([], ['a']))
    expect(ids(selected.traces)).toEqual(['c', 'a', 'b'])
    expect(ids(selected.spans)).toEqual(['c1', 'b1'])
    expect(selected.result).toEqual({ superseded: [], others: ['a'] })
  })

  it('is nothing of it when such a run is refused', () => {
    const selected = selectRuns(batch('refuse'), stored(['b'], ['a']))
    expect(selected.traceIds).toEqual(['c'])
    expect(ids(selected.traces)).toEqual(['c'])
    expect(ids(selected.spans)).toEqual(['c1'])
    expect(selected.result).toEqual({ superseded: ['b'], others: ['a'] })
  })
})
