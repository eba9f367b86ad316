const levels = '▁▂▃▄▅▆▇█'

/**
 * Numbers as a line of small bars, each of one column; a space where there is none.
 *
 * @param highest the value of the tallest bar
 */
export function sparkline(values: readonly number[], highest: number): string {
  return values
    .map((value) => {
      if (!(value > 0) || !(highest > 0)) return ' '
      const level = Math.ceil((Math.min(value, highest) / highest) * levels.length) - 1
      return levels[level] ?? ' '
    })
    .join('')
}

/** A number at a moment. */
export interface Moment {
  readonly at: number
  readonly value: number
}

/**
 * Moments laid out over columns of equal time.
 *
 * @param together what two numbers of one column make
 */
export function overColumns(
  moments: readonly Moment[],
  { first, last, columns }: { first: number; last: number; columns: number },
  together: (a: number, b: number) => number,
): number[] {
  const values = new Array<number>(columns).fill(0)
  for (const { at, value } of moments) {
    const column = last > first ? Math.round(((at - first) / (last - first)) * (columns - 1)) : 0
    values[column] = together(values[column] ?? 0, value)
  }
  return values
}
