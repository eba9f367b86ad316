import { Command, Option } from 'commander'
import { type MetricType, metricTypes } from '../../../schema/values.ts'
import type { Metric } from '../../repositories/metric-rows.ts'
import { withStore } from '../database.ts'
import { none } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, positiveInteger, withExamples } from '../options.ts'
import { printable } from '../printable.ts'
import { type Column, renderTable } from '../table.ts'

interface ListOptions extends GlobalOptions {
  pattern?: string
  type?: MetricType[]
  service?: string[]
  limit?: number
  after?: string
}

/** `tracehold metrics list` */
export function metricsListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description('List metrics by name, the built-in ones among them.')
    .argument('[pattern]', "only names that match, such as 'http.*'")
    .addOption(new Option('--type <type...>', 'only of this type').choices(metricTypes))
    .option('--service <name...>', 'only of this service')
    .option('--limit <count>', 'how many, at most 1000 (default: 50)', positiveInteger)
    .option('--after <cursor>', 'go on where the page before ended')
    .action((pattern: string | undefined, _options, self: Command) =>
      run(io, { ...self.optsWithGlobals<ListOptions>(), ...(pattern !== undefined && { pattern }) }),
    )
  return withExamples(command, ["tracehold metrics list 'gen_ai.*'", 'tracehold metrics list --type histogram --json'])
}

async function run(io: CommandIo, options: ListOptions): Promise<void> {
  const { pattern, type, service, limit, after, json } = options
  const { items, cursor } = await withStore(io, options, (store) =>
    store.metrics.list({ pattern, type, serviceName: service, limit, after }),
  )
  if (json) {
    io.printJson({ items, cursor: cursor ?? null })
    return
  }
  if (items.length === 0) {
    io.note('No metrics found.')
    return
  }
  for (const line of renderTable(columns, items, io)) io.print(line)
  if (cursor !== undefined) io.note(io.noteColors.dim(`\nMore: add --after ${cursor}`))
}

const columns: Column<Metric>[] = [
  { title: 'name', text: ({ name }) => printable(name), color: (text, colors) => colors.cyan(text) },
  { title: 'type', text: ({ type }) => type },
  { title: 'unit', text: ({ unit }) => printable(unit ?? none) },
  { title: 'service', text: ({ serviceName }) => printable(serviceName ?? none), minWidth: 8 },
  { title: 'description', text: ({ description }) => printable(description ?? none), minWidth: 12 },
]
