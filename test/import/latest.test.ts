import { expect, it } from 'vitest'
import { Latest } from '../../src/import/latest.ts'

it('keeps the latest keys, at least half of the most, and never more', () => {
  const latest = new Latest<number>(10)
  for (let n = 0; n < 100; n += 1) {
    latest.set(String(n), n)
    const kept = Array.from({ length: n + 1 }, (_, key) => latest.get(String(key))).filter(
      (value) => value !== undefined,
    )
    expect(kept.length).toBeLessThanOrEqual(10)
    expect(kept.slice(-5)).toEqual(Array.from({ length: n + 1 }, (_, key) => key).slice(-5))
  }
})

it('has the last value of a key', () => {
  const latest = new Latest<string>(4)
  for (const [key, value] of [
    ['a', 'first'],
    ['b', ''],
    ['c', ''],
    ['a', 'second'],
  ] as const)
    latest.set(key, value)
  expect(latest.get('a')).toBe('second')
  expect(latest.get('d')).toBeUndefined()
})
