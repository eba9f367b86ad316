import { Command } from 'commander'
import { withStore } from '../database.ts'
import { spanFilterOf, withFilters } from '../filters/filters.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type ListOptions, pageOf, withOrder } from '../page-options.ts'
import { printCount, printPage } from '../print-page.ts'
import { spanColumns } from '../span-columns.ts'

/** `tracehold spans list` */
export function spansListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description('List spans of all traces, newest first.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions & ListOptions>()))
  return withExamples(withFilters(withOrder(command), 'spans'), [
    'tracehold spans list --kind tool --has-error --since 24h',
    'tracehold spans list --model gpt-5 --order tokens --limit 10',
    "tracehold spans list --attribute 'http.status_code>=500' --count",
  ])
}

async function run(io: CommandIo, options: GlobalOptions & ListOptions): Promise<void> {
  const filter = spanFilterOf(options)
  await withStore(io, options, async ({ spans }) => {
    if (options.count) printCount(io, await spans.count(filter), options)
    else {
      const page = await spans.list({ ...filter, ...pageOf(options) })
      printPage(io, page, { json: options.json, noun: 'spans', columnsFor: spanColumns })
    }
  })
}
