import { Command, InvalidArgumentError, Option } from 'commander'
import type { ResultFilter } from '../../repositories/entities/results.ts'
import type { ComparedTest, RunComparison, RunSummary } from '../../repositories/result-comparison.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatNumberOf, none } from '../format.ts'
import type { Colors, CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { printable } from '../printable.ts'

interface CompareOptions extends GlobalOptions {
  by: By
}

/** The filter of a run that is named on the command line. */
type By = (run: string) => ResultFilter

/** `tracehold results compare` */
export function resultsCompareCommand(io: CommandIo): Command {
  const command = new Command('compare')
    .description('Compare two runs of a suite: which tests fail now, which pass now, which are as before.')
    .argument('<before>', 'the run to compare with')
    .argument('<after>', 'the run that is looked at')
    .addOption(
      new Option(
        '--by <what>',
        'what distinguishes runs: run (their id), attempt (0 is the first result of each test, 1 the second), ' +
          "metadata.KEY of the results, or trace.KEY of their traces' metadata",
      )
        .argParser(readBy)
        .default(byRun, 'run'),
    )
    .action((before: string, after: string, _options, self: Command) =>
      run(io, before, after, self.optsWithGlobals<CompareOptions>()),
    )
  return withExamples(withFilters(command, 'results'), [
    'tracehold results compare v1 v2 --suite airline',
    'tracehold results compare 0 1 --by attempt',
    'tracehold results compare gpt-4o gpt-5 --by metadata.model --json',
  ])
}

const byRun: By = (runId) => ({ runId })

function readBy(text: string): By {
  if (text === 'run') return byRun
  if (text === 'attempt') return (attempt) => ({ attempt: Number(attempt) })
  const [, where, key] = /^(metadata|trace)\.(.+)$/s.exec(text) ?? []
  if (key === undefined) throw new InvalidArgumentError('It takes run, attempt, metadata.KEY or trace.KEY.')
  return (value) => {
    // A command line has no types: 1 may be a number or a text.
    const number = value.trim() === '' ? Number.NaN : Number(value)
    const metadata = { path: key, in: Number.isNaN(number) ? [value] : [value, number] }
    return where === 'metadata' ? { metadata } : { inTrace: { metadata } }
  }
}

async function run(io: CommandIo, before: string, after: string, options: CompareOptions): Promise<void> {
  const { by, json } = options
  const common = { and: [filterOf('results', options)] }
  const comparison = await withStore(io, options, (store) =>
    store.results.compare({ ...common, ...by(before) }, { ...common, ...by(after) }),
  )
  if (json) {
    io.printJson(comparison)
    return
  }
  if (comparison.before.tests + comparison.after.tests === 0) {
    io.note('No results found in either run. Name with --by what distinguishes the runs.')
    return
  }
  for (const line of renderComparison(io, comparison, before, after)) io.print(line)
}

function* renderComparison(
  { colors }: CommandIo,
  comparison: RunComparison,
  before: string,
  after: string,
): Generator<string> {
  yield `${printable(before)}: ${summaryOf(comparison.before)}`
  yield `${printable(after)}: ${summaryOf(comparison.after)}`
  yield* section('newly failing', comparison.newlyFailing, colors, 'red')
  yield* section('newly passing', comparison.newlyPassing, colors, 'green')
  yield* section('no verdict any more', comparison.undecided, colors, 'yellow')
  yield* section('added', comparison.added, colors, 'cyan')
  yield* section('removed', comparison.removed, colors, 'dim')
  yield `\n${formatNumberOf(comparison.unchanged.length, 'test')} unchanged`
}

const summaryOf = ({ tests, passed, failed, passRate }: RunSummary) =>
  `${formatNumberOf(tests, 'test')}, ${passed} passed, ${failed} failed` +
  (passRate === null ? '' : `, pass rate ${passRate.toFixed(2)}`)

function* section(
  title: string,
  tests: readonly ComparedTest[],
  colors: Colors,
  color: 'red' | 'green' | 'yellow' | 'cyan' | 'dim',
): Generator<string> {
  if (tests.length === 0) return
  yield `\n${colors[color](`${title} (${tests.length})`)}`
  for (const { name, before, after } of tests) {
    yield `  ${printable(name)}  ${colors.dim(`${before?.status ?? none} → ${after?.status ?? none}`)}`
  }
}
