import { Command } from 'commander'
import type { SpanOrder } from '../../repositories/entities/traces-and-spans.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type ListOptions, pageOf, withPages } from '../page-options.ts'
import { printCount, printPage } from '../print-page.ts'
import { spanColumns } from '../span-columns.ts'

const orders = { time: true, duration: true, cost: true, tokens: true } as const

/** `tracehold spans list` */
export function spansListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description('List spans of all traces, newest first.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions & ListOptions<SpanOrder>>()))
  return withExamples(withFilters(withPages<SpanOrder>(command, orders), 'spans'), [
    'tracehold spans list --kind tool --has-error --since 24h',
    'tracehold spans list --model gpt-5 --order tokens --limit 10',
    "tracehold spans list --attribute 'http.status_code>=500' --count",
  ])
}

async function run(io: CommandIo, options: GlobalOptions & ListOptions<SpanOrder>): Promise<void> {
  const filter = filterOf('spans', options)
  await withStore(io, options, async ({ spans }) => {
    if (options.count) printCount(io, await spans.count(filter), options)
    else {
      const page = await spans.list({ ...filter, ...pageOf(options) })
      printPage(io, page, { json: options.json, noun: 'spans', columnsFor: spanColumns })
    }
  })
}
