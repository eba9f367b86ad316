import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { shortIdLength } from '../../src/cli/short-ids.ts'
import { type Column, renderTable } from '../../src/cli/table.ts'
import { cut, toWidth, widthOf } from '../../src/cli/text-width.ts'

type Row = { name: string; count: number }

const columns: Column<Row>[] = [
  { title: 'name', text: ({ name }) => name, minWidth: 6 },
  { title: 'count', text: ({ count }) => String(count), align: 'right' },
]
const rows = [
  { name: 'a rather long name', count: 1 },
  { name: '日本', count: 12345 },
]
const colors = pc.createColors(false)

describe('renderTable', () => {
  it('lines up the columns, wide characters too', () => {
    expect(renderTable(columns, rows, { width: undefined, colors })).toEqual([
      'name                count',
      'a rather long name      1',
      '日本                12345',
    ])
  })

  it('cuts what may give way, and nothing else', () => {
    expect(renderTable(columns, rows, { width: 17, colors })).toEqual([
      'name        count',
      'a rather …      1',
      '日本        12345',
    ])
    expect(renderTable(columns, rows, { width: 5, colors })[1]).toBe('a rat…      1')
  })
})

describe('widths', () => {
  it('counts columns, not characters', () => {
    expect(['abc', '日本', 'é', '🎉', ''].map(widthOf)).toEqual([3, 4, 1, 2, 0])
  })

  it('never cuts through a character', () => {
    expect(cut('日本語', 4)).toBe('日…')
    expect(toWidth('日本語', 4)).toBe('日… ')
    expect(cut('👨‍👩‍👧 family', 4)).toBe('👨‍👩‍👧 …')
    expect(cut('abc', 0)).toBe('')
  })
})

describe('shortIdLength', () => {
  it('tells the ids apart with as few characters as that takes, 8 at least', () => {
    expect(shortIdLength([])).toBe(8)
    expect(shortIdLength(['0123456789', '1123456789'])).toBe(8)
    expect(shortIdLength(['task-2026-01', 'task-2026-02', 'task-2026-02'])).toBe(12)
    expect(shortIdLength(['same-start', 'same-start-and-more'])).toBe(11)
  })
})
