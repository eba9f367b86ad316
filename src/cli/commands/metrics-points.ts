import { Command } from 'commander'
import type { PointOrder } from '../../repositories/entities/metrics.ts'
import type { MetricPointSummary } from '../../repositories/metric-rows.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatCount, formatShortTime, none } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type ListOptions, pageOf, withPages } from '../page-options.ts'
import { printCount, printPage } from '../print-page.ts'
import { printable } from '../printable.ts'
import type { Column } from '../table.ts'

type Options = GlobalOptions & ListOptions<PointOrder>

const orders = { time: true, value: true } as const

/** `tracehold metrics points` */
export function metricsPointsCommand(io: CommandIo): Command {
  const command = new Command('points')
    .description('List points of metrics, newest first.')
    .argument('[name]', 'only points of this metric')
    .action((name: string | undefined, _options, self: Command) => run(io, name, self.optsWithGlobals<Options>()))
  return withExamples(withFilters(withPages<PointOrder>(command, orders), 'metricPoints'), [
    'tracehold metrics points latency_ms --since 24h --order value',
    'tracehold metrics points queue.length --service worker --count',
  ])
}

async function run(io: CommandIo, metricName: string | undefined, options: Options): Promise<void> {
  const filter = filterOf('metricPoints', options, { metricName })
  await withStore(io, options, async ({ metrics }) => {
    if (options.count) printCount(io, await metrics.count(filter), options)
    else {
      const page = await metrics.listPoints({ ...filter, ...pageOf(options) })
      printPage(io, page, { json: options.json, noun: 'points', columnsFor: () => columns })
    }
  })
}

const columns: Column<MetricPointSummary>[] = [
  { title: 'time', text: ({ time }) => formatShortTime(time) },
  { title: 'metric', text: ({ metricName }) => printable(metricName), color: (text, colors) => colors.cyan(text) },
  { title: 'type', text: ({ type }) => type },
  { title: 'service', text: ({ serviceName }) => printable(serviceName ?? none), minWidth: 8 },
  { title: 'value', align: 'right', text: ({ value }) => value?.toString() ?? none },
  { title: 'count', align: 'right', text: ({ count }) => formatCount(count) },
  { title: 'sum', align: 'right', text: ({ sum }) => sum?.toString() ?? none },
]
