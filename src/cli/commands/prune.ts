import { Command } from 'commander'
import type { PruneReport } from '../../lifecycle/prune.ts'
import type { RetentionPolicy } from '../../lifecycle/retention-policy.ts'
import type { TraceFilter } from '../../repositories/entities/traces-and-spans.ts'
import type { Store } from '../../store/store.ts'
import { showCount } from '../count-progress.ts'
import { withWritableStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatBytes, formatCount, formatShortTime } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, positiveInteger, withExamples } from '../options.ts'
import { formatRowCounts } from '../row-counts.ts'

/** What is old, as options say it. */
export interface PolicyOptions {
  olderThan?: string
  errors?: string
  logs?: string
  results?: string
  points?: string
  keepUsage?: boolean
}

interface Options extends GlobalOptions, PolicyOptions {
  dryRun?: boolean
  batch?: number
}

/** `tracehold prune` */
export function pruneCommand(io: CommandIo): Command {
  const command = ages(
    new Command('prune')
      .summary('Delete what is old.')
      .description(
        'Delete whole traces that ended before some time, with their spans, events, results and logs. Without a filter ' +
          'also metric points, and logs and results without a trace. Others read and write meanwhile; stopped, the next ' +
          'run goes on.',
      ),
  )
    .option('--dry-run', 'only say what would be deleted: how many rows, how old, how large')
    .option('--batch <rows>', 'rows that a transaction deletes, about', positiveInteger)
    .action((_options, self: Command) => run(io, self.optsWithGlobals<Options>()))
  return withExamples(withFilters(command, 'traces'), [
    'tracehold prune --older-than 30d --errors 90d --dry-run',
    'tracehold prune --older-than 7d --environment staging',
    'tracehold prune --logs 14d',
  ])
}

/** Adds the options that say what is old. */
export const ages = (command: Command): Command =>
  command
    .option('--older-than <age>', 'traces that are older: 30d, 12h, 4w, 2026-11-01T00:00:00Z')
    .option('--errors <age>', 'the same for traces with an error')
    .option('--logs <age>', 'logs that are older, of whatever trace')
    .option('--results <age>', 'results that are older, of whatever trace')
    .option('--points <age>', 'points of metrics that are older')
    .option('--keep-usage', 'keep what deleted traces used, by the hour, for `tracehold usage`')

/** What these options say, of the traces that a filter finds. */
export function policyOf(
  { olderThan, errors, logs, results, points, keepUsage }: PolicyOptions,
  filter: TraceFilter,
): RetentionPolicy {
  const hasFilter = Object.values(filter).some((wanted) => wanted !== undefined)
  return { olderThan, errors, logs, results, metricPoints: points, keepUsage, filter: hasFilter ? filter : undefined }
}

async function run(io: CommandIo, options: Options): Promise<void> {
  const policy = policyOf(options, filterOf('traces', options))
  await withWritableStore(io, options, async (store) => {
    const report = await pruneWith(io, store, policy, options)
    if (options.json) io.printJson(report)
    else io.print(summaryOf(report))
  })
}

/** Prunes, and shows on a terminal how far it is. */
export async function pruneWith(
  io: CommandIo,
  store: Store,
  policy: RetentionPolicy,
  { dryRun, batch }: Pick<Options, 'dryRun' | 'batch'>,
): Promise<PruneReport> {
  const shown = await showCount(io, undefined, 'rows')
  const onProgress = (deleted: PruneReport['deleted']) => shown.update(deletedRows(deleted), 'rows')
  return store.prune(policy, { dryRun, batch, onProgress }).finally(() => shown.end())
}

/** All rows that were deleted. */
export const deletedRows = (deleted: PruneReport['deleted']): number =>
  Object.values(deleted).reduce((sum, rows) => sum + rows, 0)

/** What was deleted, in words. */
export function summaryOf({ dryRun, deleted, measured = [] }: PruneReport, done = 'deleted'): string {
  const { pointsWithoutExemplars, metricPoints, ...rows } = deleted
  if (!dryRun) {
    const cleared = pointsWithoutExemplars > 0 ? `; ${formatCount(pointsWithoutExemplars)} points lost exemplars` : ''
    return `Deleted ${formatRowCounts({ ...rows, 'metric points': metricPoints })}${cleared}.`
  }
  if (measured.length === 0) return 'Nothing is that old.'
  const lines = measured.map(({ entity, rows, oldest, newest, bytes }) => {
    const times = oldest && newest ? `, ${formatShortTime(oldest)} to ${formatShortTime(newest)}` : ''
    return `  ${formatCount(rows)} ${entity === 'metricPoints' ? 'metric points' : entity}${times}, about ${formatBytes(bytes)}`
  })
  return [`This would be ${done}:`, ...lines].join('\n')
}
