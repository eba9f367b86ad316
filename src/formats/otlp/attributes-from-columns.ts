import type { EventRow, SpanRow } from '../../../schema/tables.ts'
import { microsFromIso } from '../../../schema/time.ts'
import { tokenColumns } from '../../../schema/tokens.ts'
import type { ContentKeys, Json, JsonObject } from '../../../schema/values.ts'
import { generic } from './profiles/generic.ts'
import { openInferenceOfKind, operationOfKind } from './profiles/kinds.ts'
import type { Column } from './profiles/profile.ts'
import { type DerivedColumns, readSpanColumns } from './profiles/read.ts'
import { exceptionType } from './span-record.ts'

/** Columns with one attribute each. */
const direct = [
  'operation',
  'provider',
  'requestModel',
  'responseId',
  'finishReasons',
  ...tokenColumns,
  'costUsd',
  'toolName',
  'toolType',
  'toolCallId',
  'mcpMethod',
  'mcpServer',
  'mcpSessionId',
  'sessionId',
  'userId',
  'agentId',
  'agentName',
  'agentVersion',
  'workflowName',
] as const satisfies readonly (Column & keyof DerivedColumns)[]

/**
 * Adds attributes for values that only columns hold, under the first name of each column, so that rows of other sources
 * keep model, tokens and content in OTLP. A row that was read from OTLP is returned as it is.
 *
 * @param events the span's events, in any order
 */
export function withAttributesFromColumns(row: SpanRow, events: readonly EventRow[]): SpanRow {
  if (row.reader !== null) return row
  const derived = columnsFrom(row, row.attributes, events)
  const added: Record<string, Json> = {}
  const add = (name: string, value: Json) => {
    if (!Object.hasOwn(row.attributes, name)) added[name] = value
  }
  for (const column of direct) {
    const value = column === 'totalTokens' ? ownTotal(row) : row[column]
    if (value !== null && !isSame(value, derived[column])) add(nameOf(column), value)
  }
  if (row.model !== null && row.model !== (derived.model ?? row.requestModel)) add(nameOf('responseModel'), row.model)
  if (row.timeToFirstChunkMs !== null && row.timeToFirstChunkMs !== derived.timeToFirstChunkMs) {
    add(nameOf('timeToFirstChunkMs'), row.timeToFirstChunkMs / 1000)
  }
  if (row.errorType !== null && row.errorType !== (derived.errorType ?? exceptionOf(row, events))) {
    add(nameOf('errorType'), row.errorType)
  }
  addKind(row, columnsFrom(row, { ...row.attributes, ...added }, events).kind, add)
  const contentKeys = withContent(row)
  const resource = withOrigin(row, derived)
  if (Object.keys(added).length === 0 && contentKeys === row.contentKeys && resource === row.resource) return row
  return { ...row, attributes: { ...row.attributes, ...added }, contentKeys, resource }
}

/** The total, unless it is the sum of input and output. */
const ownTotal = ({ inputTokens, outputTokens, totalTokens }: SpanRow) =>
  totalTokens === (inputTokens ?? 0) + (outputTokens ?? 0) ? null : totalTokens

const exceptionOf = ({ status }: SpanRow, events: readonly EventRow[]) =>
  exceptionType({ status, events: events.toSorted((a, b) => a.ordinal - b.ordinal) })

const isSame = (a: Json, b: Json) => a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))

type Add = (name: string, value: Json) => void

function addKind({ kind, attributes }: SpanRow, read: SpanRow['kind'], add: Add): void {
  if (read === kind) return
  const [ours, openInference] = [operationOfKind[kind], openInferenceOfKind[kind]]
  if (ours !== undefined && attributes[nameOf('operation')] === undefined) add(nameOf('operation'), ours)
  else if (openInference !== undefined) add('openinference.span.kind', openInference)
}

/** What a reader would make of attributes. */
const columnsFrom = (row: SpanRow, attributes: JsonObject, events: readonly EventRow[]): DerivedColumns =>
  readSpanColumns({
    name: row.name,
    startMicros: microsFromIso(row.startTime),
    durationMs: row.durationMs,
    attributes,
    events,
    resource: row.resource?.attributes ?? {},
    scope: row.scope,
    isRoot: row.parentSpanId === null,
  }).columns

/** The name that a column is exported under: the first one of the generic profile. */
function nameOf(column: Column): string {
  const sources = generic.columns[column]
  const first = Array.isArray(sources) ? sources[0] : sources
  return typeof first === 'string' ? first : `tracehold.${column}`
}

/** Names attributes for content that was in none. */
function withContent({ kind, input, output, attributes, contentKeys }: SpanRow): ContentKeys | null {
  const free = (value: Json, [call, messages, any]: readonly [call: string, messages: string, any: string]) => {
    if (value === null) return undefined
    const names = kind === 'tool' ? [call, any] : Array.isArray(value) ? [messages, any] : [any]
    return names.find((name) => !Object.hasOwn(attributes, name))
  }
  const inputName = contentKeys?.input ?? free(input, inputs)
  const outputName = contentKeys?.output ?? free(output, outputs)
  if (inputName === contentKeys?.input && outputName === contentKeys?.output) return contentKeys
  return { ...(inputName && { input: inputName }), ...(outputName && { output: outputName }) }
}

const inputs = ['gen_ai.tool.call.arguments', 'gen_ai.input.messages', 'input.value'] as const
const outputs = ['gen_ai.tool.call.result', 'gen_ai.output.messages', 'output.value'] as const

/** Service and environment belong to the resource. */
function withOrigin({ resource, serviceName, environment }: SpanRow, derived: DerivedColumns): SpanRow['resource'] {
  const missing: Record<string, string> = {
    ...(serviceName !== null && serviceName !== derived.serviceName && { [nameOf('serviceName')]: serviceName }),
    ...(environment !== null && environment !== derived.environment && { [nameOf('environment')]: environment }),
  }
  if (Object.keys(missing).length === 0) return resource
  return { ...resource, attributes: { ...missing, ...resource?.attributes } }
}
