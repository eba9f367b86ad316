import { Command, Option } from 'commander'
import { isoFromMicros, microsFromIso } from '../../../schema/time.ts'
import { type BucketUnit, bucketUnits } from '../../engines/dialect.ts'
import type { PointFilter } from '../../repositories/entities/metrics.ts'
import type { PointDimension } from '../../repositories/metric-aggregate.ts'
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
  by?: string
}

/** `tracehold metrics show` */
export function metricsShowCommand(io: CommandIo): Command {
  const command = new Command('show')
    .description('Show a metric: what it is, its numbers, and a chart over time.')
    .argument('<name>', 'the name of the metric')
    .addOption(
      new Option('--bucket <unit>', 'the width of a bar (default: what makes at most 60 bars)').choices(bucketUnits),
    )
    .option('--by <name>', "a chart for each value of this attribute; 'service' and 'environment' are known as well")
    .action((name: string, _options, self: Command) => run(io, name, self.optsWithGlobals<ShowOptions>()))
  return withExamples(withFilters(command, 'metricPoints'), [
    'tracehold metrics show latency_ms --since 24h',
    'tracehold metrics show http.server.duration --bucket hour --json',
    'tracehold metrics show http.server.requests --by http.route',
  ])
}

async function run(io: CommandIo, name: string, options: ShowOptions): Promise<void> {
  const { json } = options
  const filter = filterOf('metricPoints', options)
  const by = options.by === undefined ? undefined : dimensionOf(options.by)
  const shown = await withStore(io, options, (store) => read(store, name, filter, options.bucket, by))
  const { metric, others, latest, aggregate, histogram, series, bucket } = shown
  if (json) {
    const what = { metric: metric ?? null, otherDescriptions: others, latest: latest ?? null }
    io.printJson({ ...what, aggregate, histogram, bucket, series })
    return
  }
  const { type = latest?.type, unit, description } = metric ?? {}
  io.print(`${io.colors.bold(printable(name))}  ${type ?? ''}${unit ? `, in ${printable(unit)}` : ''}`)
  if (description) io.print(io.colors.dim(printable(description)))
  for (const { unit, description, serviceName } of others) {
    const said = [unit && `in ${printable(unit)}`, description && printable(description)].filter(Boolean).join(': ')
    io.print(io.colors.yellow(`Also described${serviceName ? ` by ${printable(serviceName)}` : ''}: ${said || none}`))
  }
  if (others.length > 0) io.note('The numbers are of all of them; --description-id or --service tells them apart.')
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
  for (const line of renderTable(columnsFor(isCounter, tallest, bucket, by), series, { width, colors: io.colors }))
    io.print(line)
}

async function read(
  store: Store,
  name: string,
  filter: PointFilter,
  given: BucketUnit | undefined,
  by?: PointDimension,
) {
  const { metrics } = store
  const [latest, first, described] = await Promise.all([
    metrics.latest(name, filter),
    metrics.points(name, { ...filter, direction: 'asc', limit: 1 }),
    metrics.list({ name, limit: mostDescriptions }),
  ])
  // That of the last point, where it has one of its own.
  const metric = (latest?.descriptionId && (await metrics.get(name, latest.descriptionId))) || (await metrics.get(name))
  const others = described.items.filter(({ descriptionId }) => descriptionId !== metric?.descriptionId)
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
    metrics.series(name, { ...charted, bucket, by: by === undefined ? [] : [by], fill: by === undefined }),
  ])
  return { metric, others, latest, aggregate, histogram, series, bucket }
}

/** `http.route` is an attribute, whatever it is called; the names of columns are those of the library. */
const dimensionOf = (name: string): PointDimension =>
  name === 'service' || name === 'environment' ? name : `attributes.${name}`

/** More descriptions of one name than this are not shown. */
const mostDescriptions = 20
const mostBars = 60
const unitMicros = { minute: 60e6, hour: 3_600e6, day: 86_400e6, week: 604_800e6, month: 2_629_746e6 } as const

/** The smallest unit that makes few enough bars. */
function unitFor(first: string | undefined, last: string | undefined): BucketUnit {
  if (first === undefined || last === undefined) return 'hour'
  const length = microsFromIso(last) - microsFromIso(first)
  return bucketUnits.find((unit) => length / unitMicros[unit] < mostBars) ?? 'month'
}

type Bar = SeriesValue & { readonly bucket: string } & { readonly [K in PointDimension]?: string | null }

const heightOf = ({ avg, rate }: SeriesValue, isCounter: boolean) => (isCounter ? rate : (avg ?? 0))

function columnsFor(isCounter: boolean, tallest: number, unit: BucketUnit, by?: PointDimension): Column<Bar>[] {
  const number = (title: string, of: (each: Bar) => number | null): Column<Bar> => ({
    title,
    align: 'right',
    text: (each) => format(of(each)),
  })
  return [
    ...(by === undefined
      ? []
      : [{ title: by.replace('attributes.', ''), text: (each: Bar) => printable(each[by] ?? none), minWidth: 8 }]),
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
