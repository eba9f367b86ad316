import type { ImportProgress } from '../import/import-report.ts'
import { formatBytes, formatCount } from './format.ts'
import type { ImportSource } from './import-sources.ts'
import type { CommandIo } from './io.ts'
import { printable } from './printable.ts'
import { cut } from './text-width.ts'

/** Shows how far the import of one source is. */
export interface ProgressDisplay {
  update(progress: ImportProgress): void
  /** Takes it off the screen. */
  end(): void
}

const silent: ProgressDisplay = { update() {}, end() {} }

/** Columns that the bar and its figures take. */
const besidesName = 66

/** A progress bar on a terminal, and nothing elsewhere. Where the size is not known there is only the count. */
export async function showProgress(
  { stderr, noteColors }: CommandIo,
  { name, bytes }: ImportSource,
): Promise<ProgressDisplay> {
  if (stderr.isTTY !== true) return silent
  const { SingleBar } = await import('cli-progress')
  const { cyan, dim } = noteColors
  const shortName = cut(printable(name), Math.max((stderr.columns ?? 80) - besidesName, 10))
  const bar = bytes === undefined ? '' : `${cyan('{bar}')} {percentage}%  `
  const display = new SingleBar({
    stream: stderr as NodeJS.WriteStream,
    format: `${bar}{read}  {spans} spans  ${dim(shortName)}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 30,
    clearOnComplete: true,
    // Otherwise Ctrl-C would have to put the terminal in order first, or would only stop the bar.
    linewrap: true,
    gracefulExit: false,
  })
  display.start(bytes ?? 0, 0, { read: formatBytes(0), spans: formatCount(0) })
  return {
    update({ bytesRead, spans }) {
      display.update(bytesRead, { read: formatBytes(bytesRead), spans: formatCount(spans) })
    },
    end: () => display.stop(),
  }
}
