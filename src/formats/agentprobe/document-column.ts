import { FormatError } from '../../errors.ts'
import { isDeeperThan } from '../../text/is-deeper-than.ts'
import { toColumn } from '../stored-document.ts'

/** Levels that a document may have: of one with more nobody knows whether the engine's stack reads and writes it again. */
const mostLevels = 1_500

/**
 * The text of the column of an agentprobe document.
 *
 * @param isAwkward whether its columns cannot show all that a summary shows
 * @throws FormatError when it is nested too deeply
 */
export function documentColumn(text: string, isAwkward = false): string {
  if (isDeeperThan(mostLevels, text)) throw new FormatError(`The document is nested deeper than ${mostLevels} levels`)
  return toColumn({ format: 'agentprobe', text, isAwkward })
}
