import type { ReadResult } from '../read-result.ts'
import { evaluationOf } from './evaluation.ts'
import { readSpan } from './read-span.ts'
import { spanRecord } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'
import { walkOtlp } from './walk.ts'

const signal = { top: 'resourceSpans', scoped: 'scopeSpans', items: 'spans' } as const

/**
 * The records of one OTLP/JSON `ExportTraceServiceRequest` (`{ "resourceSpans": […] }`). Evaluation events of spans are
 * results as well.
 *
 * @param document the parsed JSON
 */
export const readOtlp = (document: unknown): ReadResult =>
  walkOtlp(document, signal, (result) => (item, origin, types) => {
    const notes = new TypeNotes()
    notes.addAll(types)
    const read = readSpan(item, notes)
    const span = spanRecord(read, origin)
    result.spans.push(span)
    for (const event of read.events) {
      result.events.push(event)
      const evaluation = evaluationOf(event.name, event, origin, {
        key: `event ${event.ordinal}`,
        agentName: span.agentName,
      })
      if (evaluation) result.results.push(evaluation)
    }
  })
