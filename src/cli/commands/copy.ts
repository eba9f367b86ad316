import { Command } from 'commander'
import type { CopyReport } from '../../copy/copy-store.ts'
import { ConfigError } from '../../errors.ts'
import { showCount } from '../count-progress.ts'
import { withStore, withWritableStore } from '../database.ts'
import { formatCount, formatDuration } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { formatRowCounts } from '../row-counts.ts'

interface CopyCommandOptions extends GlobalOptions {
  verify: boolean
}

/** `tracehold copy` */
export function copyCommand(io: CommandIo): Command {
  const command = new Command('copy')
    .description(
      'Copy all rows of one database into another, of any engine, and compare both sides. A copy that was interrupted ' +
        'goes on where it was; copying again changes nothing. With --project only that project is copied.',
    )
    .argument('<from>', 'the database to read: sqlite:PATH, postgres://…, clickhouse://… or chdb:PATH')
    .argument('<to>', 'the database to write; an empty one gets its tables first')
    .option('--no-verify', 'do not compare both sides at the end')
    .action((from: string, to: string, _options, self: Command) =>
      run(io, from, to, self.optsWithGlobals<CopyCommandOptions>()),
    )
  return withExamples(command, [
    'tracehold copy sqlite:.tracehold/traces.db postgres://app@db.example/app',
    'tracehold copy postgres://app@db.example/app sqlite:archive.db --project shop',
  ])
}

async function run(io: CommandIo, fromUrl: string, toUrl: string, options: CopyCommandOptions): Promise<void> {
  const { copyStore } = await import('../../copy/copy-store.ts')
  const { progressPath } = await import('../progress-path.ts')
  const { project: projectId, verify, json } = options
  await withStore(io, { ...options, db: fromUrl }, (from) =>
    withWritableStore(io, { ...options, db: toUrl }, async (to) => {
      const startMs = performance.now()
      const progress = await showCount(io, undefined, 'rows')
      const progressFile = progressPath(io, 'copy', fromUrl, toUrl, projectId)
      const report = await copyStore(from, to, {
        projectId,
        verify,
        progressFile,
        onProgress: ({ phase, table, rows }) => progress.update(rows, `rows of ${table} (${phase})`),
      })
        .catch((error: unknown) => {
          if (!(error instanceof ConfigError))
            io.note('The copy is not complete. The same command goes on where it was.')
          throw error
        })
        .finally(() => progress.end())
      if (report.comparison?.equal === false) io.exitCode = 1
      if (json) io.printJson(report)
      else io.print(summary(report, from.pool.location, to.pool.location, performance.now() - startMs))
    }),
  )
}

function summary({ copied, comparison }: CopyReport, from: string, to: string, ms: number): string {
  const lines = [`Copied ${formatRowCounts(copied)} from ${from} to ${to} in ${formatDuration(ms)}.`]
  if (!comparison) lines.push('Both sides were not compared.')
  else if (comparison.equal) lines.push('Every row was compared and is equal.')
  for (const [table, { missing, different, examples }] of Object.entries(comparison?.tables ?? {})) {
    if (missing === 0 && different === 0) continue
    const [example] = examples
    lines.push(
      `${table}: ${formatCount(missing)} missing and ${formatCount(different)} different in the target, ` +
        `such as ${JSON.stringify(example?.key)}${example?.columns.length ? ` (${example.columns.join(', ')})` : ''}.`,
    )
  }
  return lines.join('\n')
}
