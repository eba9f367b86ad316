import { FormatError } from '../../errors.ts'
import { maxDocumentLevels } from '../../rows/limits.ts'
import { isDeeperThan } from '../../text/is-deeper-than.ts'
import { toColumn } from '../stored-document.ts'

/**
 * The text of the column of an agentprobe document.
 *
 * @param isAwkward whether its columns cannot show all that a summary shows
 * @throws FormatError when it is nested too deeply
 */
export function documentColumn(text: string, isAwkward = false): string {
  if (isDeeperThan(maxDocumentLevels, text))
    throw new FormatError(`The document is nested deeper than ${maxDocumentLevels} levels`)
  return toColumn({ format: 'agentprobe', text, isAwkward })
}
