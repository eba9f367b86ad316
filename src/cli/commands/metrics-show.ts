import { Command, Option } from 'commander'
import { isoFromMicros, microsFromIso } from '../../../schema/time.ts'
import { type BucketUnit, bucketUnits } from '../../engines/dialect.ts'
import type { PointFilter } from '../../repositories/entities/metrics.ts'
import type { SeriesValue } from '../../repositories/metric-series.ts'
import type { Store } from '../../store/store.ts'
import { bar } from '../bar.ts'
import { CommandError } from '../command-error.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatBucket, formatCount, none } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { printable } from '../printable.ts'
import { type Column, renderTable } from '../table.ts'

interface ShowOptions extends GlobalOptions {
  bucket?: BucketUnit
}

/** `tracehold metrics show` */
export function metricsShowCommand(io: CommandIo): Command {
  const command = new Command('show')
    .description('Show a metric: what it is, its numbers, and a chart over time.')
    .argument('<name>', 'the name of the metric')
    .addOption(
      new Option('--bucket <unit>', 'the width of a bar (default: what makes at most 60 bars)').choices(bucketUnits),
    )
    .action((name: string, _options, self: Command) => run(io, name, self.optsWithGlobals<ShowOptions>()))
  return withExamples(withFilters(command, 'metricPoints'), [
    'tracehold metrics show latency_ms --since 24h',
    'tracehold metrics show http.server.duration --bucket hour --json',
  ])
}

async function run(io: CommandIo, name: string, options: ShowOptions): Promise<void> {
  const { json } = options
  const filter = filterOf('metricPoints', options)
  const shown = await withStore(io, options, (store) => read(store, name, filter, options.bucket))
  const { metric, latest, aggregate, histogram, series, bucket } = shown
  if (json) {
    io.printJson({ metric: metric ?? null, latest: latest ?? null, aggregate, histogram, bucket, series })
    return
  }
  const { type = latest?.type, unit, description } = metric ?? {}
  io.print(`${io.colors.bold(printable(name))}  ${type ?? ''}${unit ? `, in ${printable(unit)}` : ''}`)
  if (description) io.print(io.colors.dim(printable(description)))
  if (!latest) {
    io.print('No points.')
    return
  }
  const numbers = histogram
    ? [
        ['count', histogram.count],
        ['mean', histogram.mean],
        ...Object.entries(histogram.percentiles).map(([fraction, value]) => [`p${Number(fraction) * 100}`, value]),
        ['max', histogram.max],
      ]
    : [
        ['count', aggregate.count],
        ['mean', aggregate.mean],
        ['median', aggregate.median],
        ['p95', aggregate.p95],
        ['p99', aggregate.p99],
        ['min', aggregate.min],
        ['max', aggregate.max],
        ['std dev', aggregate.stdDev],
      ]
  io.print(numbers.map(([title, value]) => `${title} ${format(value as number | null)}`).join('  '))
  io.print('')
  const isCounter = type === 'counter'
  const tallest = Math.max(...series.map((each) => Math.abs(heightOf(each, isCounter))))
  const width = io.width
  for (const line of renderTable(columnsFor(isCounter, tallest, bucket), series, { width, colors: io.colors }))
    io.print(line)
}

async function read(store: Store, name: string, filter: PointFilter, given: BucketUnit | undefined) {
  const { metrics } = store
  const [metric, latest, first] = await Promise.all([
    metrics.get(name),
    metrics.latest(name, filter),
    metrics.points(name, { ...filter, direction: 'asc', limit: 1 }),
  ])
  if (!metric && !latest) {
    throw new CommandError(`There is no metric ${printable(name)}.`, {
      nextStep: 'See which there are: tracehold metrics list',
    })
  }
  const [from, to] = [first.items[0]?.time, latest?.time]
  const bucket = given ?? unitFor(from, to)
  // Bars for the time that has points: a filter may reach far beyond it.
  const charted = to === undefined ? filter : { ...filter, since: from, until: isoFromMicros(microsFromIso(to) + 1) }
  const [aggregate, histogram, series] = await Promise.all([
    metrics.aggregate(name, filter),
    latest?.type === 'histogram' ? metrics.percentiles(name, filter) : null,
    metrics.series(name, { ...charted, bucket, fill: true }),
  ])
  return { metric, latest, aggregate, histogram, series, bucket }
}

const mostBars = 60
const unitMicros = { minute: 60e6, hour: 3_600e6, day: 86_400e6, week: 604_800e6, month: 2_629_746e6 } as const

/** The smallest unit that makes few enough bars. */
function unitFor(first: string | undefined, last: string | undefined): BucketUnit {
  if (first === undefined || last === undefined) return 'hour'
  const length = microsFromIso(last) - microsFromIso(first)
  return bucketUnits.find((unit) => length / unitMicros[unit] < mostBars) ?? 'month'
}

type Bar = SeriesValue & { readonly bucket: string }

const heightOf = ({ avg, rate }: SeriesValue, isCounter: boolean) => (isCounter ? rate : (avg ?? 0))

function columnsFor(isCounter: boolean, tallest: number, unit: BucketUnit): Column<Bar>[] {
  const number = (title: string, of: (each: Bar) => number | null): Column<Bar> => ({
    title,
    align: 'right',
    text: (each) => format(of(each)),
  })
  return [
    { title: 'from (UTC)', text: ({ bucket }) => formatBucket(bucket, unit) },
    number('count', ({ count }) => count),
    ...(isCounter
      ? [number('sum', ({ sum }) => sum), number('per second', ({ rate }) => rate)]
      : [number('avg', ({ avg }) => avg), number('min', ({ min }) => min), number('max', ({ max }) => max)]),
    {
      title: '',
      text: (each) => bar(tallest > 0 ? Math.abs(heightOf(each, isCounter)) / tallest : 0, 30),
      color: (text, colors) => colors.cyan(text),
      minWidth: 8,
    },
  ]
}

function format(value: number | null): string {
  if (value === null) return none
  if (Number.isInteger(value)) return formatCount(value)
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
}
