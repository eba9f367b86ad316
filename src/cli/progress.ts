import type { ImportProgress } from '../import/import-report.ts'
import { formatBytes, formatCount } from './format.ts'
import type { ImportSource } from './import-sources.ts'
import type { CommandIo } from './io.ts'
import { printable } from './printable.ts'
import { cut } from './text-width.ts'

/** Shows how far the import of one source is. */
export interface ProgressDisplay {
  update(progress: ImportProgress): void
  /** Removes it from the screen. */
  end(): void
}

const silent: ProgressDisplay = { update() {}, end() {} }

/** Columns that the bar and its figures take. */
const besidesName = 66

/** A progress bar on a terminal, and nothing elsewhere. Without a known size it shows only the count. */
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
    // Otherwise Ctrl-C would only stop the bar, or would have to restore the terminal first.
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
