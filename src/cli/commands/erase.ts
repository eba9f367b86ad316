import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { EraseReport } from '../../lifecycle/erase.ts'
import type { EraseTarget } from '../../lifecycle/person.ts'
import { CommandError } from '../command-error.ts'
import { showCount } from '../count-progress.ts'
import { withWritableStore } from '../database.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { formatRowCounts } from '../row-counts.ts'
import { deletedRows } from './prune.ts'

interface Options extends GlobalOptions {
  user?: string
  session?: string
  filter?: object
  report?: string
}

/** `tracehold erase` */
export function eraseCommand(io: CommandIo): Command {
  const command = new Command('erase')
    .summary('Erase everything of a user, a session or some traces.')
    .description(
      'Erase everything of one user, one session or some traces, in every table of the project: traces of which a span ' +
        'names the user, with all that belongs to them, and logs, results and metric points whose attributes do. Rows ' +
        'that were accepted before and arrive later are not stored.',
    )
    .option('--user <id>', 'everything of this user: the exact id')
    .option('--session <id>', 'everything of this session: the exact id')
    .option('--filter <json>', 'traces that the library\'s filter finds: {"traceId":["t1","t2"]}', readFilter)
    .option('--report <file>', 'also write the report, as JSON, to a new file')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<Options>()))
  return withExamples(command, [
    'tracehold erase --user u-4711 --report erased-u-4711.json',
    'tracehold erase --session 8f2c --project shop',
  ])
}

async function run(io: CommandIo, options: Options): Promise<void> {
  const target = targetOf(options)
  await withWritableStore(io, options, async (store) => {
    const shown = await showCount(io, undefined, 'rows')
    const report = await store
      .erase(target, { onProgress: (erased) => shown.update(deletedRows(erased), 'rows') })
      .finally(() => shown.end())
    if (options.report !== undefined) {
      // Never over the report of another erasure.
      await writeFile(resolve(io.cwd, options.report), `${JSON.stringify(report, undefined, 2)}\n`, { flag: 'wx' })
    }
    if (options.json) io.printJson(report)
    else io.print(summary(report))
  })
}

function targetOf({ user, session, filter }: Options): EraseTarget {
  const targets: EraseTarget[] = []
  if (user !== undefined) targets.push({ userId: user })
  if (session !== undefined) targets.push({ sessionId: session })
  if (filter !== undefined) targets.push({ traces: filter })
  const [target] = targets
  if (target && targets.length === 1) return target
  throw new CommandError('What is to be erased is one of --user, --session and --filter.', {
    nextStep: 'Run: tracehold erase --help',
  })
}

function summary({ deleted, remains }: EraseReport): string {
  const { metricPoints, pointsWithoutExemplars, ...rows } = deleted
  return [
    `Erased ${formatRowCounts({ ...rows, 'metric points': metricPoints, 'points without exemplars': pointsWithoutExemplars })}.`,
    'It may remain for a while:',
    ...remains.map((where) => `  ${where}`),
  ].join('\n')
}

function readFilter(written: string): object {
  try {
    const filter: unknown = JSON.parse(written)
    if (typeof filter === 'object' && filter !== null && !Array.isArray(filter)) return filter
  } catch {
    // Reported below.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as {"environment":"staging"}.')
}
