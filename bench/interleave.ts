import type { BenchOptions } from './bench.ts'
import { waitUntilQuiet } from './quiet.ts'

/** How long a run waits for other programs of the machine to be done, in milliseconds. */
const longestWaitMs = 5_000

/** One way of doing the same work. */
export interface Contender {
  /** Names it in ratios. */
  readonly id: string
  readonly about: string
  /** Rows that a run stores. */
  readonly rows: number
  /** Brings everything to where each run begins. Not timed. */
  readonly prepare?: () => Promise<void>
  /** What is timed; a program that runs outside may answer with the seconds that it took itself. */
  readonly run: () => Promise<number | undefined>
  /** Looks whether the run did its work. Not timed. @throws when it did not */
  readonly verify?: () => Promise<void>
}

/** A contender and what its runs took. */
export interface Measured extends Pick<Contender, 'id' | 'about' | 'rows'> {
  readonly seconds: readonly number[]
  /** Time on the processor of this process, all its threads, for each run. */
  readonly cpuSeconds: readonly number[]
}

/**
 * Runs contenders in turns (A B C, A B C, …), so that a machine that grows slower is slower for all of them. A round
 * before the first fills caches and compiles what is hot; it does not count.
 */
export async function interleave(
  contenders: readonly Contender[],
  { runs, log }: Pick<BenchOptions, 'runs' | 'log'>,
): Promise<Measured[]> {
  const measured = contenders.map(({ id, about, rows }) => {
    return { id, about, rows, seconds: [] as number[], cpuSeconds: [] as number[] }
  })
  for (let round = 0; round <= runs; round += 1) {
    for (const [place, contender] of contenders.entries()) {
      const { seconds, cpuSeconds } = await once(contender)
      const counts = round > 0
      if (counts) {
        measured[place]?.seconds.push(seconds)
        measured[place]?.cpuSeconds.push(cpuSeconds)
      }
      const turn = counts ? `run ${round} of ${runs}` : 'warm-up'
      log(`${turn}  ${contender.id}  ${Math.round(contender.rows / seconds)} rows/s`)
    }
  }
  return measured
}

async function once({ prepare, run, verify }: Contender): Promise<{ seconds: number; cpuSeconds: number }> {
  await prepare?.()
  // Nobody pays for the garbage of the one before: scripts/bench.mjs exposes the collector.
  globalThis.gc?.()
  await waitUntilQuiet(longestWaitMs)
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  const ownSeconds = await run()
  const seconds = ownSeconds ?? (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  await verify?.()
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
