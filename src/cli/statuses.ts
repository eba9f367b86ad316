import type { Status } from '../../schema/values.ts'
import type { Colors } from './io.ts'

/** The status to show. OpenTelemetry's SDKs leave it unset where nothing failed, so what ended without one is ok. */
export const shownStatus = ({ status, endTime }: { status: Status; endTime: string | null }): Status =>
  status === 'unset' && endTime !== null ? 'ok' : status

/** A status in the colour of how good it is. */
export function colorStatus(text: string, status: Status, colors: Colors): string {
  switch (status) {
    case 'ok':
      return colors.green(text)
    case 'error':
      return colors.red(text)
    case 'unset':
      return colors.dim(text)
    case 'running':
      return colors.cyan(text)
    default:
      return colors.yellow(text)
  }
}
