import { Command } from 'commander'
import type { MetricOrder } from '../../repositories/entities/metrics.ts'
import type { Metric } from '../../repositories/metric-rows.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { none } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type ListOptions, pageOf, withPages } from '../page-options.ts'
import { printCount, printPage } from '../print-page.ts'
import { printable } from '../printable.ts'
import type { Column } from '../table.ts'

type Options = GlobalOptions & ListOptions<MetricOrder>

/** `tracehold metrics list` */
export function metricsListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description('List metrics by name, the built-in ones among them.')
    .argument('[pattern]', "only names that match, such as 'http.*'")
    .action((pattern: string | undefined, _options, self: Command) => run(io, pattern, self.optsWithGlobals<Options>()))
  return withExamples(withFilters(withPages<MetricOrder>(command, { name: true }, 'asc'), 'metrics'), [
    "tracehold metrics list 'gen_ai.*'",
    'tracehold metrics list --type histogram --json',
  ])
}

async function run(io: CommandIo, pattern: string | undefined, options: Options): Promise<void> {
  const filter = filterOf('metrics', options, { pattern })
  await withStore(io, options, async ({ metrics }) => {
    if (options.count) printCount(io, await metrics.countDescriptions(filter), options)
    else {
      const page = await metrics.list({ ...filter, ...pageOf(options) })
      printPage(io, page, { json: options.json, noun: 'metrics', columnsFor: () => columns })
    }
  })
}

const columns: Column<Metric>[] = [
  { title: 'name', text: ({ name }) => printable(name), color: (text, colors) => colors.cyan(text) },
  { title: 'type', text: ({ type }) => type },
  { title: 'unit', text: ({ unit }) => printable(unit ?? none) },
  { title: 'service', text: ({ serviceName }) => printable(serviceName ?? none), minWidth: 8 },
  { title: 'description', text: ({ description }) => printable(description ?? none), minWidth: 12 },
]
