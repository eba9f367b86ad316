import { Command, InvalidArgumentError } from 'commander'
import type { Store } from '../../store.ts'
import { withStore } from '../database.ts'
import { type LogFilterOptions, logFilterOf, withLogFilters } from '../log-filters.ts'
import { renderLog } from '../log-line.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { colors, print } from '../output.ts'

interface TailOptions extends GlobalOptions, LogFilterOptions {
  lines: number
  once?: boolean
}

/** `tracehold logs tail` */
export function logsTailCommand(): Command {
  const command = new Command('tail')
    .description('Show the last log lines, then new ones as they are stored, until Ctrl-C.')
    .argument('[words...]', 'words that must be there, as logs search takes them')
    .option('-n, --lines <count>', 'how many of the last lines to begin with, at most 1000', lineCount, 10)
    .option('--once', 'end when the last lines are shown')
    .action((words: string[], _options, self: Command) => run(words, self.optsWithGlobals<TailOptions>()))
  return withExamples(withLogFilters(command), [
    'tracehold logs tail --level error',
    'tracehold logs tail -n 0 --json | jq .body',
  ])
}

function lineCount(value: string): number {
  const count = Number(value)
  if (Number.isInteger(count) && count >= 0 && count <= 1000) return count
  throw new InvalidArgumentError('It must be a whole number from 0 to 1000.')
}

async function run(words: readonly string[], options: TailOptions): Promise<void> {
  const stop = new AbortController()
  const end = () => stop.abort()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  try {
    await withStore(options, (store) => tail(store, words, options, stop.signal))
  } finally {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}

async function tail(store: Store, words: readonly string[], options: TailOptions, signal: AbortSignal): Promise<void> {
  const { lines, once, json } = options
  for await (const log of store.logs.tail({ ...logFilterOf(options, words), lines, once, signal, pollMs: 500 })) {
    print(json ? JSON.stringify(log) : renderLog(log, colors))
  }
}
