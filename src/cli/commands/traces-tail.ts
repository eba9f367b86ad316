import { Command } from 'commander'
import { withStore } from '../database.ts'
import { traceFilterOf, withFilters } from '../filters/filters.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { colors, print } from '../output.ts'
import { type TailChoices, withTail } from '../tail-options.ts'
import { renderTrace } from '../trace-line.ts'
import { untilStopped } from '../until-stopped.ts'

/** `tracehold traces tail` */
export function tracesTailCommand(): Command {
  const command = new Command('tail')
    .description('Show the last traces, then traces as they are stored or change, until Ctrl-C.')
    .action((_options, self: Command) => run(self.optsWithGlobals<GlobalOptions & TailChoices>()))
  return withExamples(withFilters(withTail(command, 'traces'), 'traces'), [
    'tracehold traces tail --has-error',
    'tracehold traces tail -n 0 --agent airline --json | jq .traceId',
  ])
}

async function run(options: GlobalOptions & TailChoices): Promise<void> {
  const { lines, once, json } = options
  const filter = traceFilterOf(options)
  await untilStopped((signal) =>
    withStore(options, async ({ traces }) => {
      for await (const trace of traces.tail({ ...filter, lines, once, signal, pollMs: 500 })) {
        print(json ? JSON.stringify(trace) : renderTrace(trace, colors))
      }
    }),
  )
}
