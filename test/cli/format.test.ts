import { describe, expect, it } from 'vitest'
import { formatBytes, formatDollars, formatDuration, formatShortTime, formatTokens } from '../../src/cli/format.ts'

describe('formats for people', () => {
  it('durations', () => {
    const given = [
      null,
      0,
      0.04,
      0.36,
      9.94,
      9.96,
      999.4,
      999.6,
      9_994,
      12_340,
      59_940,
      59_960,
      125_400,
      3_599_600,
      7.5e6,
    ]
    expect(given.map(formatDuration)).toEqual([
      ...['–', '0 ms', '0 ms', '0.4 ms', '9.9 ms', '10 ms', '999 ms', '1.00 s', '9.99 s', '12.3 s', '59.9 s'],
      ...['1m 00s', '2m 05s', '1h 00m', '2h 05m'],
    ])
  })

  it('dollars', () => {
    const given = [null, 0, 0.000004, 0.00005, 0.0123, 0.9999, 0.99996, 12.345, 1234567.8]
    expect(given.map(formatDollars)).toEqual([
      ...['–', '$0', '<$0.0001', '$0.0001', '$0.0123', '$0.9999', '$1.00', '$12.35', '$1,234,567.80'],
    ])
  })

  it('tokens', () => {
    expect(formatTokens({ inputTokens: null, outputTokens: null })).toBe('–')
    expect(formatTokens({ inputTokens: 3_231_122, outputTokens: null })).toBe('3,231,122 → 0')
  })

  it('bytes', () => {
    expect([0, 999, 1000, 9_940, 9_960, 174_308_096, 5e15].map(formatBytes)).toEqual([
      ...['0 B', '999 B', '1.0 kB', '9.9 kB', '10 kB', '174 MB', '5000 TB'],
    ])
  })

  it('times, with the year where it is not this one', () => {
    const noon = new Date(2026, 10, 20, 12, 5)
    expect(formatShortTime(noon.toISOString().replace('Z', '000Z'), new Date(2026, 11, 1))).toBe('11-20 12:05')
    expect(formatShortTime(noon.toISOString().replace('Z', '000Z'), new Date(2027, 0, 1))).toBe('2026-11-20 12:05')
  })
})
