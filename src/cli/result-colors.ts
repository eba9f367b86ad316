import type { ResultStatus } from '../../schema/values.ts'
import type { Colors } from './io.ts'

/** The status of a result in the colour of how good it is. */
export function colorResult(text: string, status: ResultStatus | null, colors: Colors): string {
  switch (status) {
    case 'passed':
      return colors.green(text)
    case 'failed':
    case 'error':
    case 'timeout':
      return colors.red(text)
    case 'running':
      return colors.cyan(text)
    default:
      return colors.dim(text)
  }
}
