import { Command } from 'commander'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type TailChoices, withTail } from '../tail-options.ts'
import { renderTrace } from '../trace-line.ts'

/** `tracehold traces tail` */
export function tracesTailCommand(io: CommandIo): Command {
  const command = new Command('tail')
    .description('Show the last traces, then traces as they are stored or change, until Ctrl-C.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions & TailChoices>()))
  return withExamples(withFilters(withTail(command, 'traces'), 'traces'), [
    'tracehold traces tail --has-error',
    'tracehold traces tail -n 0 --agent airline --json | jq .traceId',
  ])
}

async function run(io: CommandIo, options: GlobalOptions & TailChoices): Promise<void> {
  const { lines, once, json } = options
  const filter = filterOf('traces', options)
  await withStore(io, options, async ({ traces }) => {
    for await (const trace of traces.tail({ ...filter, lines, once, signal: io.signal, pollMs: 500 })) {
      io.print(json ? JSON.stringify(trace) : renderTrace(trace, io.colors))
    }
  })
}
