import { Command } from 'commander'
import type { ArchiveReport } from '../../lifecycle/archive.ts'
import { showCount } from '../count-progress.ts'
import { withWritableStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatBytes, formatNumberOf } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, positiveInteger, withExamples } from '../options.ts'
import { formatRowCounts } from '../row-counts.ts'
import { ages, deletedRows, type PolicyOptions, policyOf, summaryOf } from './prune.ts'

interface Options extends GlobalOptions, PolicyOptions {
  to: string
  dryRun?: boolean
  partRows?: number
}

/** `tracehold archive` */
export function archiveCommand(io: CommandIo): Command {
  const command = ages(
    new Command('archive')
      .summary('Move what is old into compressed files.')
      .description(
        'Write whole traces that ended before some time, with all that belongs to them, into compressed JSON Lines, read ' +
          'them again, and then delete them. Without a filter also metric points, and logs and results without a trace. ' +
          '`tracehold import` brings them back as they were. Stopped, the next run goes on.',
      )
      .requiredOption('--to <folder>', 'where the files go; it is made where it is missing'),
  )
    .option('--dry-run', 'only say what would be archived: how many rows, how old, how large')
    .option('--part-rows <rows>', 'rows of a file, about (default: 100000)', positiveInteger)
    .action((_options, self: Command) => run(io, self.optsWithGlobals<Options>()))
  return withExamples(withFilters(command, 'traces'), [
    'tracehold archive --older-than 30d --to archive',
    'tracehold archive --older-than 7d --environment staging --to /mnt/cold/staging',
    'tracehold import archive/*.jsonl.gz',
  ])
}

async function run(io: CommandIo, options: Options): Promise<void> {
  const policy = policyOf(options, filterOf('traces', options))
  await withWritableStore(io, options, async (store) => {
    const shown = await showCount(io, undefined, 'rows')
    const report = await store
      .archive(policy, {
        to: io.path(options.to),
        dryRun: options.dryRun,
        partRows: options.partRows,
        onProgress: (deleted) => shown.update(deletedRows(deleted), 'rows'),
      })
      .finally(() => shown.end())
    if (options.json) io.printJson(report)
    else io.print(textOf(report, options.to))
  })
}

function textOf({ dryRun, parts, archived, deleted, kept, measured }: ArchiveReport, to: string): string {
  if (dryRun) return summaryOf({ dryRun, deleted, measured: measured ?? [] }, 'archived')
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  const lines =
    parts.length === 0
      ? [deletedRows(deleted) > 0 ? summaryOf({ dryRun, deleted }) : 'Nothing is that old.']
      : [
          `Archived ${formatRowCounts(archived)} in ${formatNumberOf(parts.length, 'file')} of ${to}, ${formatBytes(bytes)}.`,
        ]
  if (kept > 0) lines.push(`${formatNumberOf(kept, 'trace')} got something meanwhile: the next run takes them.`)
  return lines.join('\n')
}
