import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import type { ExportFormat } from '../../export/export-documents.ts'
import { CommandError } from '../command-error.ts'
import { showCount } from '../count-progress.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatNumberOf } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, namesOf, withExamples } from '../options.ts'

interface ExportCommandOptions extends GlobalOptions {
  format: ExportFormat
  output?: string
}

/** `tracehold export` */
export function exportCommand(io: CommandIo): Command {
  const command = new Command('export')
    .description(
      'Export traces as JSON Lines to standard output or a file: newest first, for selectools in the order of saving.',
    )
    .addOption(
      new Option('--format <format>', 'otlp: OTLP/JSON requests; selectools, agentprobe: their documents')
        .choices(namesOf<ExportFormat>({ otlp: true, selectools: true, agentprobe: true }))
        .default('otlp'),
    )
    .option('--output <file>', 'write to this file, which appears when it is complete')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<ExportCommandOptions>()))
  return withExamples(withFilters(command, 'traces'), [
    'tracehold export > traces.otlp.jsonl',
    'tracehold export --format selectools --since 2026-11-01 --until 2026-12-01 --output november.jsonl',
  ])
}

async function run(io: CommandIo, options: ExportCommandOptions): Promise<void> {
  const { exportDocuments } = await import('../../export/export-documents.ts')
  const { format, output } = options
  await withStore(io, options, async (store) => {
    const filter = filterOf('traces', options)
    const progress = await showCount(io, await store.traces.count(filter), 'traces')
    let traces = 0
    async function* lines(): AsyncGenerator<string> {
      for await (const piece of exportDocuments(store, { ...filter, format })) {
        traces += piece.traces
        progress.update(traces)
        yield piece.text
      }
    }
    try {
      if (output === undefined) await pipeline(lines, io.stdout, { end: false })
      else await writeWhole(output, io.path(output), lines)
    } finally {
      progress.end()
    }
    io.note(`Exported ${formatNumberOf(traces, 'trace')}${output === undefined ? '' : ` to ${output}`}.`)
  })
}

/** Replaces the file at once: a reader sees the whole new file, or the old one. */
async function writeWhole(name: string, path: string, lines: () => AsyncGenerator<string>): Promise<void> {
  const partial = `${path}.${process.pid}.partial`
  try {
    await pipeline(lines, createWriteStream(partial))
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw unwritable(name, error)
  }
}

/** An error of the file system, with the path that the user gave. */
function unwritable(path: string, error: unknown): unknown {
  const isOfFile = error instanceof Error && 'syscall' in error && 'code' in error
  if (!isOfFile) return error
  const nextStep =
    error.code === 'ENOENT'
      ? 'Make its folder first, or name another file with --output.'
      : 'Name another file with --output.'
  return new CommandError(`The file ${path} cannot be written (${error.code}).`, { nextStep, cause: error })
}
