import { Command } from 'commander'
import type { TraceOrder } from '../../repositories/entities/traces-and-spans.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type ListOptions, pageOf, withPages } from '../page-options.ts'
import { printCount, printPage } from '../print-page.ts'
import { traceColumns } from '../trace-columns.ts'

const orders = { time: true, created: true, duration: true, cost: true, tokens: true } as const

/** `tracehold traces list` */
export function tracesListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description('List traces, newest first.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions & ListOptions<TraceOrder>>()))
  return withExamples(withFilters(withPages<TraceOrder>(command, orders), 'traces'), [
    'tracehold traces list --since 24h --has-error --tool search_flights',
    'tracehold traces list --metadata team=red --min-duration 10s --order duration',
    'tracehold traces list --agent airline --limit 10 --json',
  ])
}

async function run(io: CommandIo, options: GlobalOptions & ListOptions<TraceOrder>): Promise<void> {
  const filter = filterOf('traces', options)
  await withStore(io, options, async ({ traces }) => {
    if (options.count) printCount(io, await traces.count(filter), options)
    else {
      const page = await traces.list({ ...filter, ...pageOf(options) })
      printPage(io, page, { json: options.json, noun: 'traces', columnsFor: traceColumns })
    }
  })
}
