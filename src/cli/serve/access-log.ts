import { isoFromMicros } from '../../../schema/time.ts'
import type { OtlpRequestReport } from '../../otlp/options.ts'
import { formatBytes, formatCount, formatDuration } from '../format.ts'
import type { Colors } from '../io.ts'
import { printable } from '../printable.ts'

const counted = { traces: 'spans', logs: 'logs', metrics: 'points' } as const

/** An answered request as one line for people: when, from where, what, and what became of it. */
export function accessLine(report: OtlpRequestReport, colors: Colors, at = Date.now()): string {
  const { client = '-', method, path, status, projectId, signal, records, bytes, durationMs, message } = report
  const color = status < 400 ? colors.green : status < 500 ? colors.yellow : colors.red
  const parts = [
    colors.dim(timeOf(at)),
    client,
    printable(`${method} ${path}`),
    color(String(status)),
    signal && status === 200 && `${formatCount(records)} ${counted[signal]}`,
    projectId && projectId !== 'default' && printable(projectId),
    formatBytes(bytes),
    formatDuration(durationMs),
    message && printable(message),
  ]
  return parts.filter((part) => part).join('  ')
}

/** The same as JSON on one line. */
export function accessJson(report: OtlpRequestReport, at = Date.now()): string {
  const { durationMs, ...rest } = report
  return JSON.stringify({ time: timeOf(at), ...rest, durationMs: Number(durationMs.toFixed(3)) })
}

const timeOf = (ms: number) => isoFromMicros(ms * 1000)
