import { logLevelOf } from '../repositories/log-levels.ts'
import type { LogSummary } from '../repositories/log-rows.ts'
import { formatTime } from './format.ts'
import type { Colors } from './io.ts'
import { printable } from './printable.ts'

/** A log record as one line: time, level, service and body. */
export function renderLog(
  log: Pick<LogSummary, 'time' | 'severity' | 'serviceName' | 'eventName' | 'body'>,
  colors: Colors,
): string {
  const { time, severity, serviceName, eventName, body } = log
  const level = logLevelOf(severity)
  const text = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body)
  const parts = [
    colors.dim(formatTime(time)),
    colorLevel((level ?? '').padEnd(5), level, colors),
    serviceName !== null && colors.cyan(printable(serviceName)),
    eventName !== null && colors.bold(printable(eventName)),
    printable(text),
  ]
  return parts.filter((part) => part !== false && part !== '').join('  ')
}

function colorLevel(text: string, level: ReturnType<typeof logLevelOf>, colors: Colors): string {
  if (level === 'error' || level === 'fatal') return colors.red(text)
  if (level === 'warn') return colors.yellow(text)
  return level === 'info' ? colors.green(text) : colors.dim(text)
}
