import type { SpanRow } from '../../../schema/tables.ts'
import type { JsonObject } from '../../../schema/values.ts'
import { kindNames } from './names.ts'
import { readAmount, readColumn, readDollars, readId, readText, readTexts } from './read-column.ts'
import { classifySpan, type SpanClass } from './span-kind.ts'
import { noTokens, readTokenColumns, type TokenColumns } from './tokens.ts'

/** The columns of a span that are copies of its attributes. */
export type DerivedColumns = TokenColumns &
  Pick<
    SpanRow,
    | 'kind'
    | 'operation'
    | 'errorType'
    | 'provider'
    | 'model'
    | 'requestModel'
    | 'responseId'
    | 'finishReasons'
    | 'costUsd'
    | 'timeToFirstChunkMs'
    | 'toolName'
    | 'toolType'
    | 'toolCallId'
    | 'mcpMethod'
    | 'mcpServer'
    | 'mcpSessionId'
    | 'sessionId'
    | 'userId'
    | 'serviceName'
    | 'environment'
    | 'agentId'
    | 'agentName'
    | 'agentVersion'
    | 'workflowName'
  >

/**
 * Reads a span's columns from its attributes. A value that does not fit its column is skipped; the attributes keep it.
 *
 * @param resource the attributes of the resource, which say service and environment where the span does not
 */
export function deriveColumns(attributes: JsonObject, resource: JsonObject): DerivedColumns {
  const text = (column: Parameters<typeof readColumn>[1]) => readColumn(attributes, column, readText)
  const id = (column: Parameters<typeof readColumn>[1]) => readColumn(attributes, column, readId)
  const mcpMethod = text('mcpMethod')
  const provider = text('provider')
  const requestModel = text('requestModel')
  const spanClass = classifySpan(attributes, text('operation'), mcpMethod)
  return {
    kind: spanClass.kind,
    operation: spanClass.operation,
    errorType: text('errorType'),
    provider,
    model: text('responseModel') ?? requestModel,
    requestModel,
    responseId: text('responseId'),
    finishReasons: readColumn(attributes, 'finishReasons', readTexts),
    ...(spanClass.repeatsUsage ? noTokens : readTokenColumns(attributes, provider)),
    costUsd: readColumn(attributes, 'costUsd', readDollars),
    timeToFirstChunkMs: timeToFirstChunkMs(attributes),
    toolName: text('toolName') ?? entityName(attributes, spanClass, 'tool'),
    toolType: text('toolType'),
    toolCallId: text('toolCallId'),
    mcpMethod,
    // The conventions name an MCP server only by its address.
    mcpServer: text('mcpServer') ?? (mcpMethod === null ? null : readText(attributes['server.address'])),
    mcpSessionId: text('mcpSessionId'),
    sessionId: id('sessionId'),
    userId: id('userId'),
    serviceName: text('serviceName') ?? readColumn(resource, 'serviceName', readText),
    environment: text('environment') ?? readColumn(resource, 'environment', readText),
    agentId: text('agentId'),
    agentName: text('agentName') ?? entityName(attributes, spanClass, 'agent'),
    agentVersion: text('agentVersion'),
    workflowName: text('workflowName') ?? entityName(attributes, spanClass, 'workflow'),
  }
}

/** OpenLLMetry names the tool, agent or workflow of a span by one attribute, whatever it is. */
function entityName(attributes: JsonObject, spanClass: SpanClass, kind: SpanClass['kind']): string | null {
  return spanClass.kind === kind ? readText(attributes[kindNames.traceloopEntity]) : null
}

function timeToFirstChunkMs(attributes: JsonObject): number | null {
  const seconds = readColumn(attributes, 'timeToFirstChunk', readAmount)
  if (seconds === null) return readColumn(attributes, 'timeToFirstChunkMs', readAmount)
  // Rounded to the microsecond: 1.001 * 1000 is not 1001.
  const ms = Math.round(seconds * 1e6) / 1000
  return Number.isFinite(ms) ? ms : null
}
