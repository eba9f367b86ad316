import { type Command, Option } from 'commander'
import type { LogFilter } from '../repositories/entities/logs.ts'
import { type LogLevel, logLevels } from '../repositories/log-levels.ts'

/** The filters of logs as options. */
export interface LogFilterOptions {
  level?: LogLevel
  service?: string[]
  trace?: string[]
  span?: string[]
  event?: string[]
}

/** Adds the filters of logs. */
export const withLogFilters = (command: Command): Command =>
  command
    .addOption(new Option('--level <level>', 'only of this level or worse').choices(Object.keys(logLevels)))
    .option('--service <name...>', 'only of this service; of several names any fits, here and below')
    .option('--trace <id...>', 'only of this trace')
    .option('--span <id...>', 'only of this span')
    .option('--event <name...>', 'only events of this name')

/** The library's filter that the options and the words stand for. */
export const logFilterOf = (options: LogFilterOptions, words: readonly string[]): LogFilter => ({
  minSeverity: options.level,
  serviceName: options.service,
  traceId: options.trace,
  spanId: options.span,
  eventName: options.event,
  search: words.length > 0 ? words.map(quotedIfSpaced).join(' ') : undefined,
})

/** What the shell gives as one argument is one phrase, unless it has quotes of its own. */
const quotedIfSpaced = (word: string) => (/\s/.test(word) && !word.includes('"') ? phrase(word) : word)

const phrase = (word: string) => (word.startsWith('-') ? `-"${word.slice(1)}"` : `"${word}"`)
