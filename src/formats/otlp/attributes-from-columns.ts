import type { EventRow, SpanRow } from '../../../schema/tables.ts'
import { tokenColumns } from '../../../schema/tokens.ts'
import type { ContentKeys, Json, JsonObject } from '../../../schema/values.ts'
import { type DerivedColumns, deriveColumns } from './columns.ts'
import { columnNames, kindNames, type NamedColumn } from './names.ts'
import { classifySpan, openInferenceOfKind, operationOfKind } from './span-kind.ts'
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
] as const satisfies readonly (NamedColumn & keyof DerivedColumns)[]

/**
 * Adds attributes for values that only columns hold, under the first name of each column, so that rows of other sources
 * keep model, tokens and content in OTLP. A row that was read from OTLP is returned as it is.
 *
 * @param events the span's events, in any order
 */
export function withAttributesFromColumns(row: SpanRow, events: readonly EventRow[]): SpanRow {
  const derived = deriveColumns(row.attributes, row.resource?.attributes ?? {})
  const added: Record<string, Json> = {}
  const add = (name: string, value: Json) => {
    if (!Object.hasOwn(row.attributes, name)) added[name] = value
  }
  for (const column of direct) {
    const value = column === 'totalTokens' ? ownTotal(row) : row[column]
    if (value !== null && !isSame(value, derived[column])) add(columnNames[column][0], value)
  }
  if (row.model !== null && row.model !== (derived.model ?? row.requestModel))
    add(columnNames.responseModel[0], row.model)
  if (row.timeToFirstChunkMs !== null && row.timeToFirstChunkMs !== derived.timeToFirstChunkMs) {
    add(columnNames.timeToFirstChunk[0], row.timeToFirstChunkMs / 1000)
  }
  if (row.errorType !== null && row.errorType !== (derived.errorType ?? exceptionOf(row, events))) {
    add(columnNames.errorType[0], row.errorType)
  }
  addKind(row, { ...row.attributes, ...added }, add)
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

function addKind({ kind, mcpMethod }: SpanRow, attributes: JsonObject, add: Add): void {
  const operation = attributes[columnNames.operation[0]]
  const read = classifySpan(attributes, typeof operation === 'string' ? operation : null, mcpMethod)
  if (read.kind === kind) return
  const [ours, openInference] = [operationOfKind[kind], openInferenceOfKind[kind]]
  if (ours !== undefined && operation === undefined) add(columnNames.operation[0], ours)
  else if (openInference !== undefined) add(kindNames.openinference, openInference)
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
    ...(serviceName !== null && serviceName !== derived.serviceName && { [columnNames.serviceName[0]]: serviceName }),
    ...(environment !== null && environment !== derived.environment && { [columnNames.environment[0]]: environment }),
  }
  if (Object.keys(missing).length === 0) return resource
  return { ...resource, attributes: { ...missing, ...resource?.attributes } }
}
