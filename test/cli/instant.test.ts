import { InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { parseInstant } from '../../src/cli/instant.ts'

const now = Date.parse('2026-11-20T10:00:00Z')

describe('parseInstant', () => {
  it.each([
    ['30m', '2026-11-20T09:30:00.000Z'],
    ['24h', '2026-11-19T10:00:00.000Z'],
    ['7d', '2026-11-13T10:00:00.000Z'],
    ['2w', '2026-11-06T10:00:00.000Z'],
    ['2026-11-01T10:30:00+02:00', '2026-11-01T08:30:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseInstant(text, now)).toEqual(new Date(expected))
  })

  it('takes a date and a time without a zone as local', () => {
    expect(parseInstant('2026-11-01')).toEqual(new Date(2026, 10, 1))
    expect(parseInstant('2026-11-01T10:30')).toEqual(new Date(2026, 10, 1, 10, 30))
    expect(parseInstant('2026-11-01 10:30')).toEqual(new Date(2026, 10, 1, 10, 30))
  })

  it('keeps the microseconds of an instant in UTC', () => {
    expect(parseInstant('2026-11-01T10:30:00.123456Z')).toBe('2026-11-01T10:30:00.123456Z')
  })

  it.each(['', 'yesterday', '7', '7y', '-7d', '2026-13-01', '2026-11-01T99:00', '1969-01-01T00:00:00Z', '99999999w'])(
    'refuses %j',
    (text) => {
      expect(() => parseInstant(text, now)).toThrow(InvalidArgumentError)
    },
  )
})
