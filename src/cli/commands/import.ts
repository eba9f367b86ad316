import { Command } from 'commander'
import { FormatError } from '../../errors.ts'
import type { ImportOptions } from '../../import/import-documents.ts'
import {
  addReaders,
  emptyCounts,
  emptyReport,
  type ImportCounts,
  type ImportReport,
} from '../../import/import-report.ts'
import type { Store } from '../../store/store.ts'
import { withWritableStore } from '../database.ts'
import { formatCount, formatDuration, formatNumberOf } from '../format.ts'
import { type ImportSource, sourcesOf } from '../import-sources.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { printable } from '../printable.ts'
import { showProgress } from '../progress.ts'
import { RejectionList } from '../rejection-list.ts'
import { reportError } from '../report-error.ts'

interface ImportCommandOptions extends GlobalOptions {
  strict?: boolean
  merge?: boolean
}

/** `tracehold import` */
export function importCommand(io: CommandIo): Command {
  const command = new Command('import')
    .summary('Import traces from files.')
    .description(
      'Import traces from files: OTLP/JSON (one request, a list, or one per line), spans of the Vercel AI SDK, and ' +
        'documents of selectools and agentprobe. ' +
        'An empty database gets its tables first. Importing a file again changes nothing.',
    )
    .argument('<file...>', 'files to import, also compressed (gzip, zstd, deflate); - is standard input')
    .option('--strict', 'end with exit code 1 when anything was rejected')
    .option('--merge', 'keep runs once that come as recorded spans and as saved documents, instead of refusing them')
    .action((files: string[], _options, self: Command) => run(io, files, self.optsWithGlobals<ImportCommandOptions>()))
  return withExamples(command, [
    'tracehold import traces.otlp.jsonl',
    'tracehold import exports/*.jsonl --db postgres://app@db.example/app',
    'tracehold import archive/*.jsonl.gz --strict',
    'collect | tracehold import - --json',
  ])
}

async function run(io: CommandIo, files: readonly string[], options: ImportCommandOptions): Promise<void> {
  const sources = sourcesOf(files, io)
  await withWritableStore(io, options, async (store) => {
    const startMs = performance.now()
    const { report, failed } = await importAll(io, store, sources, options.merge ?? false)
    if (failed > 0 || (options.strict && report.rejected > 0)) io.exitCode = 1
    if (failed === sources.length) return
    if (options.json) io.printJson(report)
    else {
      io.print(summary(report, store.pool.location, performance.now() - startMs))
      for (const line of unreadLines(report)) io.note(io.noteColors.dim(line))
      if (io.stdout.isTTY) io.note(io.noteColors.dim(`See them: tracehold traces list${await databaseOption(options)}`))
    }
  })
}

/** The option that names the same database again. The URL of a server is not repeated: it may hold a password. */
async function databaseOption({ db }: GlobalOptions): Promise<string> {
  if (db === undefined) return ''
  const { parseDatabaseUrl } = await import('../../engines/database-url.ts')
  return ` --db ${parseDatabaseUrl(db).path === undefined ? 'URL' : db}`
}

/** Imports one source after another. It reports a source of an unknown format, and imports the others. */
async function importAll(io: CommandIo, store: Store, sources: readonly ImportSource[], merge: boolean) {
  const report = emptyReport()
  const traceIds = new Set<string>()
  let failed = 0
  for (const source of sources) {
    const rejections = new RejectionList(source.name)
    const repairs = new RejectionList(source.name)
    try {
      add(report, await importOne(io, store, source, { traceIds, merge }, rejections, repairs))
      rejections.print(io)
      repairs.print(io)
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      failed += 1
      report.rejected += rejections.size
      reportError(io, error, { prefix: source.name })
    }
  }
  return { report, failed }
}

async function importOne(
  io: CommandIo,
  store: Store,
  source: ImportSource,
  options: ImportOptions,
  rejections: RejectionList,
  repairs: RejectionList,
): Promise<ImportReport> {
  const { importDocuments } = await import('../../import/import-documents.ts')
  const progress = await showProgress(io, source)
  return importDocuments(store, source.open(), {
    ...options,
    onProgress: (now) => progress.update(now),
    onRejected: (rejection) => rejections.add(rejection),
    onRepaired: (repair) => repairs.add(repair),
  }).finally(() => progress.end())
}

function add(sum: ImportReport, part: ImportReport): void {
  for (const key of Object.keys(emptyCounts()) as (keyof ImportCounts)[]) sum[key] += part[key]
  addReaders(sum.readers, part.readers)
}

/** Attributes that are shown of one instrumentation. */
const shownUnread = 8

/** Which profile read which instrumentation, where something that looks like a column was not read. */
function unreadLines({ readers }: ImportReport): string[] {
  return readers
    .filter(({ unread }) => unread.length > 0)
    .map(({ scope, reader, unread }) => {
      const more = unread.length > shownUnread ? ` and ${formatCount(unread.length - shownUnread)} more` : ''
      const names = unread.slice(0, shownUnread).map(printable).join(', ')
      return `Not read of ${printable(scope) || 'spans without a scope'} (profile ${reader}): ${names}${more}`
    })
}

function summary({ rejected, repaired, ...counts }: ImportReport, location: string, ms: number): string {
  const { traces, spans, events, results, metrics, points, logs } = counts
  const rate = spans > 0 ? ` (${formatCount(Math.round(spans / (ms / 1000)))} spans/s)` : ''
  const others = [
    ...named(results, 'result'),
    ...(points > 0 ? [`${formatNumberOf(metrics, 'metric')} with ${formatNumberOf(points, 'point')}`] : []),
    ...named(logs, 'log record'),
  ]
  const ofTraces = [formatNumberOf(spans, 'span'), ...named(events, 'event')].join(' and ')
  // Without any row the message names traces.
  const isAboutTraces = traces + spans > 0 || others.length === 0
  const parts = [...(isAboutTraces ? [`${formatNumberOf(traces, 'trace')} with ${ofTraces}`] : []), ...others]
  const imported = `Imported ${parts.join(', ')} into ${location}`
  const left = rejected > 0 ? `\n${formatCount(rejected)} rejected, as listed above.` : ''
  const mended = repaired > 0 ? `\n${formatNumberOf(repaired, 'detail')} repaired or left out, as listed above.` : ''
  return `${imported} in ${formatDuration(ms)}${rate}.${left}${mended}`
}

const named = (count: number, noun: string): string[] => (count > 0 ? [formatNumberOf(count, noun)] : [])
