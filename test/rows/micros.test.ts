import { expect, it } from 'vitest'
import { columnIndex } from '../../src/rows/accepted-row.ts'
import { maxMicros } from '../../src/rows/limits.ts'
import { Micros, microsOf } from '../../src/rows/micros.ts'
import { acceptRow, isAccepted, rowDefaults } from '../../src/writers/accept.ts'

const stamp = '2026-11-20T10:03:00.123456Z'
const defaults = rowDefaults('events', { projectId: 'p', writtenAt: stamp, attributes: {} })
const accepted = (time: unknown) =>
  acceptRow('events', { traceId: 't', spanId: 's', ordinal: 0, name: 'n', time }, defaults)

it('an instant of a format reaches the row as the number that it is', () => {
  for (const value of [0, 1_763_632_980_123_456, maxMicros]) {
    const row = accepted(new Micros(value))
    expect(isAccepted(row) && row.values[columnIndex('events', 'time')]).toBe(value)
    expect(microsOf(new Micros(value).toJSON())).toBe(value)
  }
})

it('an instant out of range is refused, and so is a bare number, which could be milliseconds', () => {
  for (const time of [new Micros(-1), new Micros(maxMicros + 1), new Micros(Number.NaN), 1_763_632_980_123_456]) {
    expect(accepted(time)).toMatchObject([{ field: 'time' }])
  }
})

it('every instant has one number, whatever form it is given in', () => {
  expect([stamp, new Date('2026-11-20T10:03:00.123Z'), 5, null].map(microsOf)).toEqual([
    1_795_168_980_123_456,
    1_795_168_980_123_000,
    Number.NaN,
    Number.NaN,
  ])
})
