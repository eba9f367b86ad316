/** OpenTelemetry's severities by name: each level is four severities from this one on. */
export const logLevels = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const

/** The name of four severities. */
export type LogLevel = keyof typeof logLevels

/** The level of a severity; undefined where there is none. */
export function logLevelOf(severity: number | null): LogLevel | undefined {
  if (severity === null) return undefined
  return (Object.keys(logLevels) as LogLevel[]).findLast((level) => severity >= logLevels[level])
}
