import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { formatChange, type GroupRow, groupLines, type Measure } from '../../src/cli/group-table.ts'
import { overColumns, sparkline } from '../../src/cli/sparkline.ts'

type Counted = { spans: number }

const spans: Measure<Counted> = { title: 'spans', of: (each) => each.spans, format: String }
const shown = { measures: [spans], chart: spans, colors: pc.createColors(false) }
const models: GroupRow<Counted>[] = [
  { model: 'small', spans: 2 },
  { model: 'large', spans: 8 },
  { model: null, spans: 0 },
]

const day = (n: number) => `2026-11-0${n}T00:00:00.000000Z`

describe('a table of groups', () => {
  it('has the largest first, and in a pipe no bars', () => {
    expect(groupLines(models, { ...shown, by: ['model'], width: undefined })).toEqual([
      'model  spans',
      'large      8',
      'small      2',
      '–          0',
    ])
  })

  it('draws bars on a terminal, as long as there is room', () => {
    expect(groupLines(models, { ...shown, by: ['model'], width: 22 })).toEqual([
      'model  spans',
      'large      8  ████████',
      'small      2  ██',
      '–          0',
    ])
    expect(groupLines(models, { ...shown, by: ['model'], width: 16 })[1]).toBe('large      8')
  })

  it('shows the period before and the change', () => {
    const groups = models.map((group, i) => ({ ...group, previous: { spans: i === 0 ? 1 : i === 1 ? 10 : 0 } }))
    expect(groupLines(groups, { ...shown, by: ['model'], compare: true, width: undefined })).toEqual([
      'model  spans  spans before  change',
      'large      8            10   -20 %',
      'small      2             1  +100 %',
      '–          0             0       =',
    ])
  })

  it('keeps the order of time, and shows on a terminal how each name went', () => {
    const groups: GroupRow<Counted>[] = [
      { model: 'a', bucket: day(1), spans: 8 },
      { model: 'a', bucket: day(2), spans: 4 },
      { model: 'a', bucket: day(4), spans: 1 },
      { model: 'b', bucket: day(2), spans: 8 },
    ]
    const options = { ...shown, by: ['model' as const], bucket: 'day' as const }
    const table = ['from (UTC)  model  spans', '2026-11-01  a          8', '2026-11-02  a          4']
    expect(groupLines(groups, { ...options, width: undefined }).slice(0, 3)).toEqual(table)
    expect(groupLines(groups, { ...options, width: 60 }).slice(-3)).toEqual([
      'model  spans  trend',
      'a         13  █▄ ▁',
      'b          8   █',
    ])
  })
})

describe('charts of a line', () => {
  it('have a bar for each number, and none for nothing', () => {
    expect(sparkline([0, 1, 4, 8, 99], 8)).toBe(' ▁▄██')
    expect(sparkline([0, Number.NaN], 0)).toBe('  ')
  })

  it('put moments together where there are fewer columns', () => {
    const moments = [0, 1, 2, 3].map((at) => ({ at, value: 1 }))
    expect(overColumns(moments, { first: 0, last: 3, columns: 2 }, (a, b) => a + b)).toEqual([2, 2])
    expect(overColumns(moments, { first: 0, last: 0, columns: 1 }, Math.max)).toEqual([1])
  })

  it('say how much a number changed', () => {
    expect(
      [
        [1, 1],
        [0, 5],
        [4, 5],
        [200, 201],
        [5, 0],
      ].map(([a = 0, b = 0]) => formatChange(a, b)),
    ).toEqual(['=', 'new', '+25 %', '+0.5 %', '-100 %'])
  })
})
