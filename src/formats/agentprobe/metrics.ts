import { Micros } from '../../rows/micros.ts'
import type { MetricPointRecord } from '../../rows/records.ts'
import { contentId } from '../content-id.ts'
import { membersOf } from '../document-values.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import {
  isObject,
  optionalObject,
  readItems,
  requiredObject,
  requiredText,
  ShapeError,
  type Unknowns,
} from '../shape-error.ts'
import { documentColumn } from './document-column.ts'
import { microsOf } from './run.ts'

/** Whether a document is a metric value of agentprobe. */
export const isAgentprobeMetric = (document: unknown): boolean =>
  isObject(document) && 'metric_name' in document && 'value' in document

/** The point in a document of agentprobe. Its id follows from the text, so that an import changes nothing when repeated. */
export function readAgentprobeMetric(document: unknown, source?: string): ReadResult {
  const result = emptyResult()
  try {
    const given = requiredObject(document, '')
    const text = (source ?? JSON.stringify(given)).trim()
    result.metricPoints.push({ pointId: contentId(text), ...pointOfAgentprobe(given, text) })
  } catch (error) {
    result.rejected.push(ShapeError.rejection(error, ''))
  }
  return result
}

/**
 * The row of a metric value.
 *
 * @param text the exact text of the document
 * @throws FormatError when it is nested too deeply
 */
export function pointOfAgentprobe(given: Unknowns, text: string): MetricPointRecord {
  if (typeof given.value !== 'number' || !Number.isFinite(given.value))
    throw new ShapeError('value', 'is not a finite number')
  const time = microsOf(given.timestamp)
  return {
    metricName: requiredText(given.metric_name, 'metric_name'),
    value: given.value,
    ...(time !== undefined && { time: new Micros(time) }),
    tags: readItems(given.tags, 'tags', (tag) => requiredText(tag, '')),
    metadata: membersOf(optionalObject(given.metadata, 'metadata')),
    document: documentColumn(text),
  }
}
