import { Command } from 'commander'
import type { DatabaseSize } from '../../store/database-size.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatBytes, formatCount, formatNumberOf } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, positiveInteger, withExamples } from '../options.ts'
import { printable } from '../printable.ts'
import { type Column, renderTable } from '../table.ts'

interface Options extends GlobalOptions {
  top: number
}

type Part = DatabaseSize['parts'][number]
type Largest = DatabaseSize['largest']['traces'][number]

/** `tracehold size` */
export function sizeCommand(io: CommandIo): Command {
  const command = new Command('size')
    .summary('What takes the room: tables, indexes, the largest traces.')
    .description(
      'Tables and indexes with the room that they take on the disk, of all projects; and the traces, models and agents ' +
        'of the project whose input, output and attributes take most. Filters say among which spans these are looked for.',
    )
    .option('--top <n>', 'how many traces, models and agents', positiveInteger, 5)
    .action((_options, self: Command) => run(io, self.optsWithGlobals<Options>()))
  return withExamples(withFilters(command, 'spans'), [
    'tracehold size',
    'tracehold size --since 7d --top 20',
    'tracehold size --json | jq .largest.traces',
  ])
}

async function run(io: CommandIo, options: Options): Promise<void> {
  const filter = filterOf('spans', options)
  const [size, location] = await withStore(
    io,
    options,
    async (store) => [await store.size({ ...filter, largest: options.top }), store.pool.location] as const,
  )
  if (options.json) {
    io.printJson(size)
    return
  }
  const free = size.freeBytes ? `, of which ${formatBytes(size.freeBytes)} are free for new rows` : ''
  io.print(`${printable(location)}: ${formatBytes(size.bytes)}${free}.`)
  const shown = { width: io.width, colors: io.colors }
  const parts = size.parts.filter(({ bytes }) => bytes >= size.bytes / leastShare)
  for (const line of ['', ...renderTable(partColumns(size.bytes), parts, shown)]) io.print(line)
  const left = size.parts.length - parts.length
  if (left > 0) io.print(io.colors.dim(`and ${formatNumberOf(left, 'smaller part')}`))
  for (const [title, rows] of [
    ['largest traces', size.largest.traces],
    ['models', size.largest.models],
    ['agents', size.largest.agents],
  ] as const) {
    if (rows.length > 0) for (const line of ['', ...renderTable(largestColumns(title), rows, shown)]) io.print(line)
  }
}

/** Parts of less than a two hundredth are counted, not shown. */
const leastShare = 200

const partColumns = (whole: number): readonly Column<Part>[] => [
  { title: 'part', text: ({ name }) => printable(name), minWidth: 12 },
  { title: 'kind', text: ({ kind }) => kind },
  { title: 'rows', text: ({ rows }) => (rows === null ? '' : formatCount(rows)), align: 'right' },
  { title: 'size', text: ({ bytes }) => formatBytes(bytes), align: 'right' },
  { title: 'share', text: ({ bytes }) => `${((bytes / whole) * 100).toFixed(0)} %`, align: 'right' },
]

const largestColumns = (title: string): readonly Column<Largest>[] => [
  { title, text: ({ name }) => (name === null ? '(none)' : printable(name)), minWidth: 12 },
  { title: 'spans', text: ({ spans }) => formatCount(spans), align: 'right' },
  { title: 'content', text: ({ bytes }) => formatBytes(bytes), align: 'right' },
]
