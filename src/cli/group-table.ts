import { microsFromIso } from '../../schema/time.ts'
import type { UsageDimension } from '../repositories/analytics/analytics.ts'
import { bar } from './bar.ts'
import { formatBucket, none } from './format.ts'
import type { GroupChoices } from './group-options.ts'
import type { Colors } from './io.ts'
import { printable } from './printable.ts'
import { type Moment, overColumns, sparkline } from './sparkline.ts'
import { type Column, renderTable } from './table.ts'
import { widthOf } from './text-width.ts'

/** What is shown of a group. */
export interface Measure<M> {
  readonly title: string
  readonly of: (measures: M) => number
  readonly format: (value: number) => string
  readonly color?: (text: string, colors: Colors, measures: M) => string
  /** Combines several buckets. @default their sum */
  readonly together?: (a: number, b: number) => number
}

/** A group of usage or latency, as far as a table needs it. */
export type GroupRow<M> = M & {
  readonly [K in UsageDimension]?: string | null
} & { readonly bucket?: string; readonly previous?: M }

/** The form of the table. */
export interface GroupTableOptions<M> extends GroupChoices {
  readonly measures: readonly Measure<M>[]
  /** The measure that is charted and compared. */
  readonly chart: Measure<M>
  /** Columns of the terminal; undefined without a terminal, where there are no charts. */
  readonly width: number | undefined
  readonly colors: Colors
}

const longestBar = 30
const shortestBar = 6
const mostColumns = 60

/** Lines of a table of groups; on a terminal with bars, and with a trend of each name where there are buckets. */
export function groupLines<M>(given: readonly GroupRow<M>[], options: GroupTableOptions<M>): string[] {
  const { by = [], bucket, chart, width, colors } = options
  const groups = bucket ? given : given.toSorted((a, b) => chart.of(b) - chart.of(a))
  const lines = renderTable(columnsFor(groups, options), groups, { width, colors })
  if (width === undefined || groups.length < 2) return lines
  const isTrend = bucket !== undefined && by.length > 0
  return [...withBars(lines, groups, chart, width, colors), ...(isTrend ? ['', ...trends(groups, options, width)] : [])]
}

function columnsFor<M>(
  groups: readonly GroupRow<M>[],
  { by = [], bucket, compare, measures, chart }: GroupTableOptions<M>,
): Column<GroupRow<M>>[] {
  const before = (group: GroupRow<M>) => (group.previous ? chart.of(group.previous) : 0)
  return [
    ...(bucket
      ? [{ title: 'from (UTC)', text: (group: GroupRow<M>) => formatBucket(group.bucket ?? '', bucket) }]
      : []),
    ...by.map((name) => ({ title: name, text: (group: GroupRow<M>) => printable(group[name] ?? none), minWidth: 10 })),
    ...measures.map(({ title, of, format, color }) => ({
      title,
      align: 'right' as const,
      text: (group: GroupRow<M>) => format(of(group)),
      ...(color && { color }),
    })),
    ...(compare && groups.length > 0
      ? [
          {
            title: `${chart.title} before`,
            align: 'right' as const,
            text: (group: GroupRow<M>) => chart.format(before(group)),
          },
          {
            title: 'change',
            align: 'right' as const,
            text: (group: GroupRow<M>) => formatChange(before(group), chart.of(group)),
            color: (text: string, colors: Colors, group: GroupRow<M>) =>
              before(group) === chart.of(group) ? colors.dim(text) : text,
          },
        ]
      : []),
  ]
}

/** `+12 %`, `-100 %`; `new` without a value before. */
export function formatChange(before: number, now: number): string {
  if (before === now) return '='
  if (before === 0) return 'new'
  const percent = ((now - before) / before) * 100
  const digits = Math.abs(percent) < 9.95 ? 1 : 0
  return `${percent > 0 ? '+' : ''}${percent.toLocaleString('en-US', { maximumFractionDigits: digits })} %`
}

function withBars<M>(
  [head = '', ...lines]: readonly string[],
  groups: readonly GroupRow<M>[],
  chart: Measure<M>,
  width: number,
  colors: Colors,
): string[] {
  const widest = Math.max(...[head, ...lines].map(widthOf))
  const room = Math.min(longestBar, width - widest - 2)
  const highest = Math.max(...groups.map(chart.of))
  if (room < shortestBar || !(highest > 0)) return [head, ...lines]
  return [
    head,
    ...lines.map((line, i) => {
      const group = groups[i]
      const length = group === undefined ? '' : bar(chart.of(group) / highest, room)
      return `${line}${' '.repeat(widest - widthOf(line) + 2)}${colors.cyan(length)}`.trimEnd()
    }),
  ]
}

/** A trend line for each name, all with the same scale. */
function trends<M>(
  groups: readonly GroupRow<M>[],
  { by = [], chart, colors }: GroupTableOptions<M>,
  width: number,
): string[] {
  const together = chart.together ?? ((a, b) => a + b)
  const rows = new Map<string, { names: GroupRow<M>; moments: Moment[] }>()
  for (const group of groups) {
    const key = JSON.stringify(by.map((name) => group[name] ?? null))
    const row = rows.get(key) ?? { names: group, moments: [] }
    row.moments.push({ at: microsFromIso(group.bucket ?? ''), value: chart.of(group) })
    rows.set(key, row)
  }
  const scale = timeScale(
    [...rows.values()].flatMap(({ moments }) => moments.map(({ at }) => at)),
    width,
  )
  const lines = [...rows.values()].map(({ names, moments }) => ({
    names,
    values: overColumns(moments, scale, together),
    whole: moments.reduce((sum, { value }) => together(sum, value), 0),
  }))
  const highest = Math.max(...lines.flatMap(({ values }) => values))
  const columns: Column<(typeof lines)[number]>[] = [
    ...by.map((name) => ({
      title: name,
      text: ({ names }: (typeof lines)[number]) => printable(names[name] ?? none),
      minWidth: 10,
    })),
    {
      title: chart.together ? `highest ${chart.title}` : chart.title,
      align: 'right',
      text: ({ whole }) => chart.format(whole),
    },
    { title: 'trend', text: ({ values }) => sparkline(values, highest), color: (text, colors) => colors.cyan(text) },
  ]
  return renderTable(
    columns,
    lines.toSorted((a, b) => b.whole - a.whole),
    { width, colors },
  )
}

/** From the first moment to the last, a column for each bucket where there is room. */
function timeScale(moments: readonly number[], width: number) {
  const times = [...new Set(moments)].sort((a, b) => a - b)
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const step = times.reduce(
    (least, at, i) => (i === 0 ? least : Math.min(least, at - (times[i - 1] ?? 0))),
    last - first,
  )
  const most = Math.max(1, Math.min(mostColumns, Math.floor(width / 2)))
  return { first, last, columns: step > 0 ? Math.min(most, Math.round((last - first) / step) + 1) : 1 }
}
