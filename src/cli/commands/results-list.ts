import { Command } from 'commander'
import type { ResultOrder } from '../../repositories/entities/results.ts'
import type { Page } from '../../repositories/page.ts'
import type { ResultSummary } from '../../repositories/result-rows.ts'
import type { ResultStatistics } from '../../repositories/result-statistics.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatCount, formatDuration, formatShortTime, none } from '../format.ts'
import type { Colors, CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type ListOptions, pageOf, withPages } from '../page-options.ts'
import { printCount } from '../print-page.ts'
import { printable } from '../printable.ts'
import { colorResult } from '../result-colors.ts'
import { shortIdLength } from '../short-ids.ts'
import { type Column, renderTable } from '../table.ts'

type Options = GlobalOptions & ListOptions<ResultOrder>

const orders = { time: true, duration: true, score: true, name: true } as const

/** `tracehold results list` */
export function resultsListCommand(io: CommandIo): Command {
  const command = new Command('list')
    .description('List results of tests and evaluations, newest first, and their pass rate.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<Options>()))
  return withExamples(withFilters(withPages<ResultOrder>(command, orders), 'results'), [
    'tracehold results list --failing --since 7d',
    'tracehold results list --suite airline --order score --ascending --limit 10',
  ])
}

async function run(io: CommandIo, options: Options): Promise<void> {
  const filter = filterOf('results', options)
  await withStore(io, options, async ({ results }) => {
    if (options.count) printCount(io, await results.count(filter), options)
    else {
      const found = Promise.all([results.list({ ...filter, ...pageOf(options) }), results.statistics(filter)])
      const [page, [statistics]] = await found
      printResults(io, page, statistics, options)
    }
  })
}

function printResults(
  io: CommandIo,
  { items, cursor }: Page<ResultSummary>,
  statistics: ResultStatistics | undefined,
  { json }: GlobalOptions,
): void {
  const { results = 0, passed = 0, failed = 0, passRate = null, averageScore = null } = statistics ?? {}
  if (json) {
    io.printJson({ items, cursor: cursor ?? null, statistics })
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
