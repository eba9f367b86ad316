/** OpenTelemetry's severities, four numbers each, from 1. */
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** What loggers call their levels, by OpenTelemetry's name (logs data model, "Mapping of SeverityNumber"; syslog). */
const synonyms: Readonly<Record<string, string>> = {
  verbose: 'trace',
  finest: 'trace',
  finer: 'debug',
  fine: 'debug',
  information: 'info',
  informational: 'info',
  notice: 'info2',
  warning: 'warn',
  err: 'error',
  severe: 'error',
  exception: 'error',
  critical: 'fatal',
  crit: 'fatal',
  alert: 'fatal2',
  emerg: 'fatal4',
  emergency: 'fatal4',
  panic: 'fatal4',
}

/** The number, 1 to 24, that a level's name stands for, such as `ERROR`, `warning` or `INFO2`; undefined for none. */
export function severityOfText(text: string): number | undefined {
  const name = text.trim().toLowerCase()
  const [, level = '', step = '1'] =
    /^([a-z]+?)([1-4])?$/.exec(Object.hasOwn(synonyms, name) ? (synonyms[name] ?? '') : name) ?? []
  const known = levels.indexOf(Object.hasOwn(synonyms, level) ? (synonyms[level] ?? '') : level)
  return known < 0 ? undefined : known * 4 + Number(step)
}
