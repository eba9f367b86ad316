import { Command } from 'commander'
import type { RebuildReport, TraceDifference } from '../../store/rebuild-traces.ts'
import { withWritableStore } from '../database.ts'
import { formatNumberOf } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { printable } from '../printable.ts'

interface Options extends GlobalOptions {
  check?: boolean
}

/** Traces that are named in the answer. */
const mostNamed = 20

/** `tracehold traces rebuild` */
export function tracesRebuildCommand(io: CommandIo): Command {
  const command = new Command('rebuild')
    .summary('Count traces anew from their spans.')
    .description(
      'Count every trace anew from its spans, say which rows differed, and put them right. Rows differ only where ' +
        'somebody changed spans or traces by SQL, or where an older version stored them.',
    )
    .option('--check', 'only say what differs: exit code 1 where something does')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<Options>()))
  return withExamples(command, ['tracehold traces rebuild --check', 'tracehold traces rebuild --project team-a'])
}

async function run(io: CommandIo, options: Options): Promise<void> {
  const { check = false } = options
  await withWritableStore(io, options, async (store) => {
    const report = await store.rebuildTraces({ check })
    if (check && report.differences.length > 0) io.exitCode = 1
    if (options.json) io.printJson(report)
    else io.print(summary(report, check))
  })
}

function summary({ traces, differences }: RebuildReport, check: boolean): string {
  const counted = formatNumberOf(traces, 'trace')
  if (differences.length === 0) return `Counted ${counted}: every row is as its spans call for.`
  const lines = differences
    .slice(0, mostNamed)
    .map((found) => `  ${printable(found.traceId)}: ${[...found.columns, ...named(found)].join(', ')}`)
  if (differences.length > mostNamed) lines.push(`  and ${differences.length - mostNamed} more`)
  const done = check ? 'differ' : 'differed, and are put right'
  return [`Counted ${counted}. ${formatNumberOf(differences.length, 'row')} ${done}:`, ...lines].join('\n')
}

const named = ({ spans, parents }: TraceDifference): string[] => [
  ...(spans > 0 ? [`the shares of ${formatNumberOf(spans, 'span')}`] : []),
  ...(parents > 0 ? [`what waits for ${formatNumberOf(parents, 'parent')}`] : []),
]
