import { expect } from 'vitest'

/** Equal, but that numbers may differ by a billionth of their size: means and percentiles are divided by the engines. */
export function expectCloseTo(actual: unknown, expected: unknown): void {
  expect(rounded(actual)).toEqual(rounded(expected))
}

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(10))
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded(each)]))
}
