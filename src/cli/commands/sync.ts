import { Command, InvalidArgumentError } from 'commander'
import type { SyncReport } from '../../copy/sync-stores.ts'
import { showCount } from '../count-progress.ts'
import { withStore, withWritableStore } from '../database.ts'
import { formatDuration } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { formatRowCounts } from '../row-counts.ts'

interface SyncCommandOptions extends GlobalOptions {
  once?: boolean
  poll: number
  progressFile?: string
}

/** `tracehold sync` */
export function syncCommand(io: CommandIo): Command {
  const command = new Command('sync')
    .description(
      'Keep one database in step with another, of any engine: copy what is there, then what is stored, until Ctrl-C. ' +
        'The same command goes on where it was, also after a kill. Deletes are not followed. With --project only that ' +
        'project is kept in step.',
    )
    .argument('<from>', 'the database to read')
    .argument('<to>', 'the database to write; an empty one gets its tables first')
    .option('--once', 'end when everything is there that was stored when it began')
    .option('--poll <ms>', 'how long to wait before looking again, in milliseconds', pollMs, 1_000)
    .option('--progress-file <path>', 'where to remember how far it is (default: in .tracehold, by the two databases)')
    .action((from: string, to: string, _options, self: Command) =>
      run(io, from, to, self.optsWithGlobals<SyncCommandOptions>()),
    )
  return withExamples(command, [
    'tracehold sync postgres://app@db.example/app clickhouse://ch.example/traces',
    'tracehold sync sqlite:.tracehold/traces.db postgres://app@db.example/app --once',
  ])
}

function pollMs(value: string): number {
  const ms = Number(value)
  if (Number.isInteger(ms) && ms >= 1 && ms <= 3_600_000) return ms
  throw new InvalidArgumentError('It must be a whole number from 1 to 3600000.')
}

async function run(io: CommandIo, fromUrl: string, toUrl: string, options: SyncCommandOptions): Promise<void> {
  const { syncStores } = await import('../../copy/sync-stores.ts')
  const { progressPath } = await import('../progress-path.ts')
  const { project: projectId, once, poll, json } = options
  const progressFile = options.progressFile
    ? io.path(options.progressFile)
    : progressPath(io, 'sync', fromUrl, toUrl, projectId)
  await withStore(io, { ...options, db: fromUrl }, (from) =>
    withWritableStore(io, { ...options, db: toUrl }, async (to) => {
      const startMs = performance.now()
      const shown = await showCount(io, undefined, 'rows')
      if (!once) io.note(`Keeping ${to.pool.location} in step with ${from.pool.location}. Ctrl-C ends it.`)
      const report = await syncStores(from, to, {
        projectId,
        progressFile,
        once,
        pollMs: poll,
        signal: io.signal,
        onProgress: ({ table, rows }) => shown.update(rows, table ? `rows (${table})` : 'rows, all there'),
        onRetry: ({ message }) => io.note(`${message} Trying again.`),
      }).finally(() => shown.end())
      if (json) io.printJson(report)
      else io.print(summary(report, performance.now() - startMs))
    }),
  )
}

function summary({ written, complete }: SyncReport, ms: number): string {
  const rest = complete ? 'Everything is there.' : 'There is more: the same command goes on here.'
  return `Wrote ${formatRowCounts(written)} in ${formatDuration(ms)}. ${rest}`
}
