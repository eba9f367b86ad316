import { Command } from 'commander'
import type { Latency } from '../../repositories/analytics/analytics.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatCount, formatDuration } from '../format.ts'
import { type GroupChoices, groupsOf, withGroups } from '../group-options.ts'
import { type GroupRow, groupLines, type Measure } from '../group-table.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

/** `tracehold latency` */
export function latencyCommand(io: CommandIo): Command {
  const command = new Command('latency')
    .description('How long spans took: mean, percentiles and extremes.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions & GroupChoices>()))
  return withExamples(withFilters(withGroups(command), 'spans'), [
    'tracehold latency --by model --kind llm --since 24h',
    'tracehold latency --by tool --kind tool --bucket day --since 7d',
    'tracehold latency --since 7d --compare --json',
  ])
}

async function run(io: CommandIo, options: GlobalOptions & GroupChoices): Promise<void> {
  const filter = filterOf('spans', options)
  const groups: GroupRow<Latency>[] = await withStore(io, options, ({ analytics }) =>
    analytics.latency({ ...filter, ...groupsOf(options) }),
  )
  if (options.json) {
    io.printJson(groups)
    return
  }
  if (groups.every(({ count, previous }) => count === 0 && (previous?.count ?? 0) === 0)) {
    io.note('No spans with a duration found.')
    return
  }
  const lines = groupLines<Latency>(groups, { ...options, measures, chart: p95, width: io.width, colors: io.colors })
  for (const line of lines) io.print(line)
}

const duration = (title: Exclude<keyof Latency, 'count'>): Measure<Latency> => ({
  title,
  of: (latency) => latency[title],
  format: formatDuration,
  // The percentile of several buckets cannot be computed from theirs: the highest is shown.
  together: Math.max,
})

const p95 = duration('p95')
const measures: readonly Measure<Latency>[] = [
  { title: 'spans', of: ({ count }) => count, format: formatCount },
  duration('avg'),
  duration('min'),
  duration('p50'),
  duration('p90'),
  p95,
  duration('p99'),
  duration('max'),
]
