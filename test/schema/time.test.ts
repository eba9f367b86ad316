import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoFromMicros, isoFromPostgresText, microsFromIso } from '../../schema/time.ts'

const last = Number.MAX_SAFE_INTEGER
const micros = fc.oneof(fc.integer({ min: 0, max: last }), fc.constantFrom(0, 1, 999, 1_000, 999_999, 1_000_000, last))

describe('the row format of instants', () => {
  it('is ISO-8601 in UTC with six digits', () => {
    expect(isoFromMicros(Date.UTC(2026, 10, 20, 10, 3) * 1000 + 123_456)).toBe('2026-11-20T10:03:00.123456Z')
    expect(isoFromMicros(0)).toBe('1970-01-01T00:00:00.000000Z')
  })

  it('keeps every microsecond from 1970 to 2255', () => {
    fc.assert(fc.property(micros, (value) => microsFromIso(isoFromMicros(value)) === value))
  })

  it('sorts as text like the instants themselves', () => {
    fc.assert(fc.property(micros, micros, (a, b) => Math.sign(a - b) === compare(isoFromMicros(a), isoFromMicros(b))))
  })

  it('is read with up to nine digits, floored to six', () => {
    expect(microsFromIso('1970-01-01T00:00:01Z')).toBe(1_000_000)
    expect(microsFromIso('1970-01-01T00:00:01.5Z')).toBe(1_500_000)
    expect(microsFromIso('1970-01-01T00:00:01.123Z')).toBe(1_123_000)
    expect(microsFromIso('1970-01-01T00:00:01.123456999Z')).toBe(1_123_456)
  })

  // The first six are as long as the row format.
  it.each([
    '2026-11-20T10:03:00.1e0000Z',
    '2026-11-20T10:03:00.-00001Z',
    '2026-11-20T10:03:00.  12.5Z',
    '2026-11-20T10:03:00X123456Z',
    '2026-11-20T10:03:00.123456X',
    '2026-11-20 10:03:00.123456Z',
    '2026-11-20T10:03:00.1234567890Z',
    '2026-11-20T10:03:00+01:00',
    '2026-11-20',
    '2026-13-20T10:03:00Z',
    '2026-02-30T10:03:00Z',
    'yesterday',
    '',
  ])('is not %j', (text) => {
    expect(microsFromIso(text)).toBeNaN()
  })
})

describe('an instant as PostgreSQL prints it', () => {
  it.each([
    ['2026-11-20 10:03:00+00', '2026-11-20T10:03:00.000000Z'],
    ['2026-11-20 10:03:00.1+00', '2026-11-20T10:03:00.100000Z'],
    ['2026-11-20 10:03:00.123456+00', '2026-11-20T10:03:00.123456Z'],
    ['2026-11-20 15:33:00.123456+05:30', '2026-11-20T10:03:00.123456Z'],
    ['2026-11-20 05:03:00.000001-05', '2026-11-20T10:03:00.000001Z'],
    ['2026-11-20 06:33:00.5-03:30', '2026-11-20T10:03:00.500000Z'],
    ['1970-01-01 05:53:28+05:53:28', '1970-01-01T00:00:00.000000Z'],
    ['2027-01-01 00:30:00.25+01', '2026-12-31T23:30:00.250000Z'],
    // As json_agg prints it.
    ['2026-11-20T10:03:00.123456+00:00', '2026-11-20T10:03:00.123456Z'],
    ['2026-11-20T15:33:00.1+05:30', '2026-11-20T10:03:00.100000Z'],
  ])('%s', (text, iso) => {
    expect(isoFromPostgresText(text)).toBe(iso)
  })
})

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
