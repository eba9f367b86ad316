import { readOtlp } from '../formats/otlp/read.ts'
import type { ReadResult } from '../formats/read-result.ts'
import type { SpanRecord } from '../rows/records.ts'
import { keyValues } from './any-value.ts'
import { grouped, located, resourceOf, scopeOf } from './origins.ts'
import type { ReadableSpan, SdkSpanContext } from './sdk.ts'

/**
 * The records of spans, as the importer reads them from the request that the SDK's own exporter sends.
 *
 * @param first the place of the first among the spans of the export
 */
export function readSpans(spans: readonly ReadableSpan[], first = 0): ReadResult {
  const scopes = (span: ReadableSpan) => span.instrumentationScope ?? span.instrumentationLibrary
  const byOrigin = grouped(spans, scopes, otlpSpan)
  const resourceSpans = Array.from(byOrigin.groups, ([resource, ofResource]) => ({
    ...resourceOf(resource),
    scopeSpans: Array.from(ofResource, ([scope, { items }]) => ({ ...scopeOf(scope), spans: items })),
  }))
  const result = located(readOtlp({ resourceSpans }), 'spans', byOrigin, first)
  return { ...result, spans: result.spans.map((span) => (span.endTime === null ? running(span) : span)) }
}

/** OTLP has no word for a span that has not ended. */
const running = (span: SpanRecord): SpanRecord => ({ ...span, status: 'running' })

function otlpSpan(span: ReadableSpan): object {
  const context = span.spanContext()
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? span.parentSpanId,
    traceState: context.traceState?.serialize(),
    name: span.name,
    // OTLP counts from `unspecified`, which the API does not have.
    kind: span.kind === undefined || span.kind === null ? 0 : span.kind + 1,
    startTimeUnixNano: span.startTime,
    endTimeUnixNano: hasEnded(span) ? span.endTime : undefined,
    attributes: keyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: event.time,
      attributes: keyValues(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    status: { code: span.status.code, message: span.status.message },
    links: span.links.map((link) => ({
      traceId: link.context.traceId,
      spanId: link.context.spanId,
      traceState: link.context.traceState?.serialize(),
      attributes: keyValues(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount,
      flags: flagsOf(span, link.context, link.context.isRemote),
    })),
    droppedLinksCount: span.droppedLinksCount,
    flags: flagsOf(span, context, span.parentSpanContext?.isRemote),
  }
}

/** Whether a span has ended: one that runs ends at [0, 0]. */
export const hasEnded = ({ endTime }: ReadableSpan): boolean => endTime[0] !== 0 || endTime[1] !== 0

/** OTLP's bits beside the flags of the trace: whether it is known if the parent was remote, and whether it was. */
const [remoteIsKnown, isRemoteBit] = [0x100, 0x200]

/** Version 1.x sends no flags. */
function flagsOf(span: ReadableSpan, { traceFlags = 0 }: SdkSpanContext, isRemote: boolean | undefined) {
  if (span.instrumentationScope === undefined) return undefined
  return (traceFlags & 0xff) | remoteIsKnown | (isRemote ? isRemoteBit : 0)
}
