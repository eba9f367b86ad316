import { Command } from 'commander'
import type { Trace } from '../../repositories/trace-rows.ts'
import type { Store } from '../../store/store.ts'
import { CommandError } from '../command-error.ts'
import { withStore } from '../database.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { printable } from '../printable.ts'
import { traceIdsFrom } from '../short-ids.ts'
import { renderTraceHeader } from '../trace-header.ts'
import { renderWaterfall } from '../waterfall.ts'

/** The width without a terminal, in columns. */
const pageWidth = 80
/** The traces that are listed when several ids begin with the given text. */
const namedTraces = 5

/** `tracehold traces show` */
export function tracesShowCommand(io: CommandIo): Command {
  const command = new Command('show')
    .description('Show a trace: what it is, and its spans in time.')
    .argument('<id>', "the trace's id, or its first characters, in any case")
    .action((id: string, _options, self: Command) => run(io, id, self.optsWithGlobals<GlobalOptions>()))
  return withExamples(command, [
    'tracehold traces show 6ef39266',
    "tracehold traces show 6ef39266 --json | jq '.spans[] | {name, durationMs}'",
  ])
}

async function run(io: CommandIo, id: string, options: GlobalOptions): Promise<void> {
  const trace = await withStore(io, options, (store) => find(store, id))
  if (options.json) {
    io.printJson(trace)
    return
  }
  const width = io.width ?? pageWidth
  for (const line of renderTraceHeader(trace, { width, colors: io.colors })) io.print(line)
  io.print('')
  for (const line of renderWaterfall(trace.spans, { width, colors: io.colors })) io.print(line)
}

async function find(store: Store, id: string): Promise<Trace> {
  const lower = id.toLowerCase()
  const exact = (await store.traces.get(id)) ?? (lower === id ? undefined : await store.traces.get(lower))
  if (exact) return exact
  let ids = id === '' ? [] : await traceIdsFrom(store, id, namedTraces + 1)
  // Ids of OpenTelemetry are stored in lower case, and others print them in capitals.
  if (ids.length === 0 && lower !== id) ids = await traceIdsFrom(store, lower, namedTraces + 1)
  const [only, another] = ids
  const trace = only === undefined || another !== undefined ? undefined : await store.traces.get(only)
  if (trace) return trace
  if (another === undefined) {
    throw new CommandError(`There is no trace '${printable(id)}' in project '${store.projectId}'.`, {
      nextStep: 'See what there is: tracehold traces list',
    })
  }
  const named = ids.slice(0, namedTraces).map(printable).join(', ')
  throw new CommandError(
    `Several traces begin with '${printable(id)}': ${named}${ids.length > namedTraces ? ', …' : ''}`,
    {
      nextStep: 'Give more of its characters.',
    },
  )
}
