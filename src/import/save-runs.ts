import { BatchError } from '../errors.ts'
import type { ReadRun } from '../formats/read-result.ts'
import { type DocumentFormat, sourceOf } from '../formats/stored-document.ts'
import type { RunWriter } from '../writers/run-writer.ts'
import type { LinedRecords, RefusedRecord } from './numbered-records.ts'

/**
 * Saves the runs of a chunk, and takes out those that are refused.
 *
 * @throws StorageError when the database stayed away
 */
export async function saveRuns(
  writer: RunWriter,
  runs: LinedRecords<ReadRun>,
  onOtherSource: 'merge' | 'refuse',
): Promise<RefusedRecord<ReadRun>[]> {
  const messages = new Map<ReadRun, string>()
  for (const format of ['selectools', 'agentprobe'] satisfies DocumentFormat[]) {
    const some = runs.records.filter((each) => each.format === format)
    if (some.length === 0) continue
    try {
      await writer.save(
        some.map(({ run }) => run),
        { source: sourceOf(format), onOtherSource },
      )
    } catch (error) {
      if (!(error instanceof BatchError)) throw error
      for (const { index, message } of error.rejected) {
        const refused = some[index]
        if (refused) messages.set(refused, message.replace(/^trace \S+ /, ''))
      }
    }
  }
  if (messages.size === 0) return []
  const refused = runs.refuse((run) => messages.has(run), '')
  return refused.map((each) => ({ ...each, message: messages.get(each.record) ?? '' }))
}
