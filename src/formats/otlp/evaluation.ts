import type { AttributeTypes, JsonObject, ResultStatus } from '../../../schema/values.ts'
import { maxIdLength } from '../../rows/limits.ts'
import type { AnyInstant, ResultRecord } from '../../rows/records.ts'
import { contentId } from '../content-id.ts'
import { originColumn } from './origin-column.ts'
import { readText } from './profiles/values.ts'
import type { Origin } from './span-record.ts'

/** An event of a span, or a log record that is an event. */
interface EvaluationEvent {
  readonly traceId?: string | null | undefined
  readonly spanId?: string | null | undefined
  readonly time?: AnyInstant | undefined
  readonly attributes?: JsonObject | undefined
  readonly attributeTypes?: AttributeTypes | null | undefined
}

/** Labels that are verdicts, in lower case. */
const verdicts: Readonly<Record<string, ResultStatus>> = {
  pass: 'passed',
  passed: 'passed',
  fail: 'failed',
  failed: 'failed',
  skipped: 'skipped',
  error: 'error',
}

/**
 * The result in a `gen_ai.evaluation.result` event; undefined for other events. A score outside 0 to 1, which the
 * conventions allow, stays in the attributes.
 *
 * @param source.key tells events of one span apart, the same each time that they are read
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-events/#event-gen_aievaluationresult
 */
export function evaluationOf(
  name: string | null | undefined,
  { traceId, spanId, time, attributes = {}, attributeTypes }: EvaluationEvent,
  { resource }: Origin,
  source: { readonly key: string; readonly agentName?: string | null | undefined },
): ResultRecord | undefined {
  if (name !== 'gen_ai.evaluation.result') return undefined
  const text = (key: string) => readText(attributes[key])
  const label = text('gen_ai.evaluation.score.label')
  const score = attributes['gen_ai.evaluation.score.value']
  const errorType = text('error.type')
  const status = errorType === null ? verdicts[label?.toLowerCase() ?? ''] : 'error'
  const described = resource?.attributes ?? {}
  return {
    resultId: contentId(`evaluation ${traceId} ${spanId} ${source.key}`),
    kind: 'evaluation',
    // The conventions require a name; an event without one is kept too.
    name: text('gen_ai.evaluation.name')?.slice(0, maxIdLength) ?? 'evaluation',
    status: status ?? null,
    score: typeof score === 'number' && score >= 0 && score <= 1 ? score : null,
    label,
    explanation: text('gen_ai.evaluation.explanation'),
    errorType,
    time,
    traceId: traceId || null,
    spanId: spanId || null,
    responseId: text('gen_ai.response.id'),
    serviceName: originColumn(described, 'serviceName'),
    environment: originColumn(described, 'environment'),
    agentName: source.agentName ?? null,
    attributes,
    attributeTypes: attributeTypes ?? null,
  }
}
