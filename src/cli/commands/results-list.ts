import { Command, Option } from 'commander'
import { type ResultStatus, resultStatuses } from '../../../schema/values.ts'
import type { ResultFilter } from '../../repositories/entities/results.ts'
import type { ResultSummary } from '../../repositories/result-rows.ts'
import { withStore } from '../database.ts'
import { formatCount, formatDuration, formatShortTime, none } from '../format.ts'
import type { Colors, CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { printable } from '../printable.ts'
import { type RecordListOptions, withPages } from '../record-options.ts'
import { colorResult } from '../result-colors.ts'
import { shortIdLength } from '../short-ids.ts'
import { type Column, renderTable } from '../table.ts'

interface ListOptions extends GlobalOptions, RecordListOptions {
  name?: string[]
  suite?: string[]
  run?: string[]
  status?: ResultStatus[]
  failing?: boolean
  trace?: string[]
  agent?: string[]
  tag?: string[]
}

/** `tracehold results list` */
export function resultsListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description('List results of tests and evaluations, newest first, and their pass rate.')
    .option('--name <name...>', 'only of this test; of several names any fits, here and below')
    .option('--suite <name...>', 'only of this suite')
    .option('--run <id...>', 'only of this run of a suite')
    .addOption(new Option('--status <status...>', 'only with this status').choices(resultStatuses))
    .option('--failing', 'only failed, ended in an error or timed out')
    .option('--trace <id...>', 'only of this trace')
    .option('--agent <name...>', 'only of this agent')
    .option('--tag <tag...>', 'only with this tag')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<ListOptions>()))
  return withExamples(withPages(command), [
    'tracehold results list --failing --since 7d',
    'tracehold results list --suite airline --limit 10 --json',
  ])
}

async function run(io: CommandIo, options: ListOptions): Promise<void> {
  const { limit, after, json } = options
  const filter: ResultFilter = {
    name: options.name,
    suite: options.suite,
    runId: options.run,
    status: options.status,
    failing: options.failing,
    traceId: options.trace,
    agentName: options.agent,
    tags: options.tag,
    since: options.since,
    until: options.until,
  }
  const [{ items, cursor }, [all]] = await withStore(io, options, (store) =>
    Promise.all([store.results.list({ ...filter, limit, after }), store.results.statistics(filter)]),
  )
  const { results = 0, passed = 0, failed = 0, passRate = null, averageScore = null } = all ?? {}
  if (json) {
    io.printJson({ items, cursor: cursor ?? null, statistics: all })
    return
  }
  if (items.length === 0) {
    io.note('No results found.')
    return
  }
  for (const line of renderTable(columnsFor(items), items, io)) io.print(line)
  const rate = passRate === null ? '' : `, pass rate ${passRate.toFixed(2)}`
  const score = averageScore === null ? '' : `, average score ${averageScore.toFixed(2)}`
  io.print(
    `\n${formatCount(results)} results: ${formatCount(passed)} passed, ${formatCount(failed)} failed${rate}${score}`,
  )
  if (cursor !== undefined) io.note(io.noteColors.dim(`More: add --after ${cursor}`))
}

/** The columns that have something to show. */
function columnsFor(items: readonly ResultSummary[]): Column<ResultSummary>[] {
  const idLength = shortIdLength(items.flatMap(({ traceId }) => traceId ?? []))
  const has = (key: keyof ResultSummary) => items.some((item) => item[key] !== null)
  return [
    { title: 'time', text: ({ time }) => formatShortTime(time) },
    { title: 'name', text: ({ name }) => printable(name), minWidth: 12 },
    ...(has('runId')
      ? [{ title: 'run', text: ({ runId }: ResultSummary) => printable(runId ?? none), minWidth: 6 }]
      : []),
    {
      title: 'status',
      text: ({ status, label }) => printable(status ?? label ?? none),
      color: (text, colors, { status }) => colorResult(text, status, colors),
    },
    { title: 'score', align: 'right', text: ({ score }) => score?.toFixed(2) ?? none },
    { title: 'duration', align: 'right', text: ({ durationMs }) => formatDuration(durationMs) },
    ...(has('traceId')
      ? [
          {
            title: 'trace',
            text: ({ traceId }: ResultSummary) => printable(traceId?.slice(0, idLength) ?? none),
            color: (text: string, colors: Colors) => colors.cyan(text),
          },
        ]
      : []),
  ]
}
