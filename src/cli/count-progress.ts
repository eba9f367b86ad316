import { formatCount } from './format.ts'
import type { CommandIo } from './io.ts'

/** Shows how many of some things are done. */
export interface CountProgress {
  update(done: number, what?: string): void
  /** Removes it from the screen. */
  end(): void
}

const silent: CountProgress = { update() {}, end() {} }

/**
 * A progress bar on a terminal, and nothing elsewhere.
 *
 * @param total how many there are; undefined while that is unknown
 */
export async function showCount(
  { stderr, noteColors }: CommandIo,
  total: number | undefined,
  what: string,
): Promise<CountProgress> {
  if (stderr.isTTY !== true) return silent
  const { SingleBar } = await import('cli-progress')
  const { cyan, dim } = noteColors
  const bar = total === undefined ? '' : `${cyan('{bar}')} {percentage}%  `
  const display = new SingleBar({
    stream: stderr as NodeJS.WriteStream,
    format: `${bar}{done} ${dim('{what}')}`,
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    barsize: 30,
    clearOnComplete: true,
    gracefulExit: false,
  })
  display.start(total ?? 0, 0, { done: formatCount(0), what })
  return {
    update: (done, now = what) => display.update(done, { done: formatCount(done), what: now }),
    end: () => display.stop(),
  }
}
