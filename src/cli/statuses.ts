import type { Status } from '../../schema/values.ts'
import type { Colors } from './io.ts'

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
