import type { Section } from './bench.ts'
import { type Measured, median } from './interleave.ts'

/**
 * A table of contenders: rows per second (median, and the slowest and fastest run), processor time of this process for
 * each row, and how many times as fast as each yardstick every contender is: the median of what each round says, whose
 * runs stand close together, so that a machine which is slower for a while is slower for both.
 */
export function comparison(title: string, measured: readonly Measured[], yardsticks: readonly string[]): Section {
  const rate = ({ rows, seconds }: Measured) => rows / median(seconds)
  const rateOf = ({ rows, seconds }: Measured, round: number) => rows / (seconds[round] ?? Number.NaN)
  const ratios: Record<string, number> = {}
  const head = ['', '', 'rows/s', 'from', 'to', 'node us/row', ...yardsticks.map((id) => `x ${id}`)]
  const table = measured.map((one) => {
    const against = yardsticks.map((id) => {
      const yardstick = measured.find((other) => other.id === id)
      if (!yardstick || yardstick === one) return yardstick ? '1' : ''
      const ratio = median(one.seconds.map((_, round) => rateOf(one, round) / rateOf(yardstick, round)))
      ratios[`${one.id}/${id}`] = rounded(ratio)
      return ratio.toFixed(2)
    })
    const rates = one.seconds.map((seconds) => one.rows / seconds)
    return [
      one.id,
      one.about,
      whole(rate(one)),
      whole(Math.min(...rates)),
      whole(Math.max(...rates)),
      ((median(one.cpuSeconds) * 1e6) / one.rows).toFixed(1),
      ...against,
    ]
  })
  return { title, table: [head, ...table], ratios }
}

/** Sections as people read them: aligned columns, text to the left and numbers to the right. */
export function asText(sections: readonly Section[]): string {
  return sections.map(({ title, table }) => `${title}\n${aligned(table)}`).join('\n\n')
}

/** Sections as programs read them. */
export function asJson(sections: readonly Section[]): string {
  return JSON.stringify({ ratios: Object.assign({}, ...sections.map(({ ratios }) => ratios)) }, undefined, 2)
}

function aligned([head = [], ...rows]: Section['table']): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const isText = head.map((_, column) => rows.some((row) => /^[a-z]/i.test(row[column] ?? '')))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (isText[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
  return all.map((row) => `  ${line(row).join('  ')}`.trimEnd()).join('\n')
}

/** A whole number with its thousands set apart. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ')

/** Three significant digits are more than a noisy machine gives. */
export const rounded = (value: number): number => Number(value.toPrecision(3))
