import type { Colors } from './io.ts'
import { toWidth, widthOf } from './text-width.ts'

/** A column of a table, and what it shows of a row. */
export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  /** Numbers are on the right. @default 'left' */
  readonly align?: 'left' | 'right'
  /** Shrinks to this width where the table is too wide. @default never */
  readonly minWidth?: number
  readonly color?: (text: string, colors: Colors, row: Row) => string
}

const gap = '  '

/**
 * Lines of a table.
 *
 * @param width columns of the terminal, or undefined where everything is shown in full
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, colors }: { width: number | undefined; colors: Colors },
): string[] {
  const cells = rows.map((row) => columns.map((column) => column.text(row)))
  const widths = columns.map(({ title }, index) =>
    cells.reduce((widest, line) => Math.max(widest, widthOf(line[index] ?? '')), widthOf(title)),
  )
  if (width !== undefined) shrink(widths, columns, width)
  const line = (texts: readonly string[], color: (text: string, column: Column<Row>) => string) =>
    columns
      .map((column, index) => color(toWidth(texts[index] ?? '', widths[index] ?? 0, column.align), column))
      .join(gap)
      .trimEnd()
  const head = line(
    columns.map(({ title }) => title),
    (text) => colors.dim(text),
  )
  return [
    head,
    ...rows.map((row, i) => line(cells[i] ?? [], (text, { color }) => (color ? color(text, colors, row) : text))),
  ]
}

/** Shrinks the widest column that may shrink, one character at a time, until the table fits or none may shrink. */
function shrink(widths: number[], columns: readonly Column<never>[], width: number): void {
  let excess = widths.reduce((sum, each) => sum + each, gap.length * (widths.length - 1)) - width
  for (; excess > 0; excess -= 1) {
    let widest = -1
    columns.forEach(({ minWidth = Number.POSITIVE_INFINITY }, index) => {
      const own = widths[index] ?? 0
      if (own > minWidth && own > (widths[widest] ?? 0)) widest = index
    })
    if (widest < 0) return
    widths[widest] = (widths[widest] ?? 0) - 1
  }
}
