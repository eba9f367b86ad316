import { expect, it } from 'vitest'
import { createClock, now } from '../src/clock.ts'

it('is the time of the wall clock, to the microsecond', () => {
  const before = Date.now()
  const at = now()
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  expect(Math.abs(Date.parse(at) - before)).toBeLessThan(1_000)
})

it('catches up after a sleep of the machine, and never goes back', () => {
  let [wall, fine] = [1_000_000, 1_000_000.25]
  const clock = createClock(
    () => wall,
    () => fine,
  )
  expect(clock()).toBe('1970-01-01T00:16:40.000250Z')
  fine += 0.5
  expect(clock()).toBe('1970-01-01T00:16:40.000750Z')
  // An hour of sleep, of which the fine clock knows nothing.
  wall += 3_600_000
  expect(clock()).toBe('1970-01-01T01:16:40.000000Z')
  fine += 0.001
  expect(clock()).toBe('1970-01-01T01:16:40.000001Z')
  // Somebody sets the wall clock back.
  wall -= 1_800_000
  fine += 0.001
  expect(clock()).toBe('1970-01-01T01:16:40.000002Z')
})
