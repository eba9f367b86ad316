import { ValidationError } from '../errors.ts'
import type { AgentRecord, RecordUsage } from './record.ts'
import { liftedAttributes, metadataText } from './record-metadata.ts'

/** A cell of a record's row; a bigint is a time in nanoseconds since 1970, and metadata is JSON text. */
export type RecordCell = string | number | bigint | null

/** A record's row, in the order of the columns. */
export type RecordRow = readonly RecordCell[]

/**
 * The row of a record, with the columns of its span.
 *
 * @param captureContent keep prompts, answers, arguments and results among the metadata
 * @throws ValidationError for a time that is not a bigint
 */
export function recordRow(record: AgentRecord, captureContent: boolean): RecordRow {
  const { attributes = {}, llm, tool, mcp } = record
  const usage = llm?.usage
  const start = dateTime64('startUnixNanos', record.startUnixNanos)
  const end = record.endUnixNanos == null ? null : dateTime64('endUnixNanos', record.endUnixNanos)
  return [
    record.runId,
    record.traceId,
    optionalText(attributes[liftedAttributes.parentRunId]),
    optionalText(attributes[liftedAttributes.contextId]),
    record.kind,
    operationOf(record),
    record.kind === 'agent' ? record.name : '',
    optionalText(attributes[liftedAttributes.agentVersion]),
    llm?.provider ?? null,
    llm ? (llm.responseModel ?? llm.requestModel) : null,
    tool?.name ?? mcp?.tool ?? null,
    mcp?.server ?? null,
    mcp?.method ?? null,
    ...tokenCells(usage),
    float64(llm?.costUsd),
    record.status,
    errorTypeOf(record),
    start,
    end,
    end === null ? null : Number(end - start) / 1e6,
    metadataText(attributes, captureContent),
    record.spanId,
    record.parentSpanId ?? null,
  ]
}

function operationOf({ kind, mcp }: AgentRecord): string {
  switch (kind) {
    case 'agent':
      return 'invoke_agent'
    case 'workflow':
      return 'invoke_workflow'
    case 'llm':
      return 'chat'
    case 'tool':
      return 'execute_tool'
    case 'mcp':
      return mcp?.method === 'tools/call' ? 'execute_tool' : ''
    case 'step':
      return ''
  }
}

function errorTypeOf({ error, status }: AgentRecord): string | null {
  if (error) return error.errorType
  return status === 'ok' || status === 'running' ? null : status
}

/** Input, output, cache read, cache creation, reasoning and the total: records count each token once. */
function tokenCells(usage: RecordUsage | null | undefined): (number | null)[] {
  if (!usage) return [null, null, null, null, null, null]
  const { input = 0, output = 0, cacheRead = 0, cacheCreation = 0, reasoning = 0 } = usage
  const counts = [input, output, cacheRead, cacheCreation, reasoning]
  const total = usage.total ?? counts.reduce((sum, count) => sum + count, 0)
  return [...counts, total].map(uint32)
}

// One number that the column does not hold would make the server refuse the whole insert.
const uint32 = (count: number) => (Number.isInteger(count) && count >= 0 && count < 2 ** 32 ? count : null)

const float64 = (value: number | null | undefined) => (Number.isFinite(value) ? (value ?? null) : null)

const latest = 2n ** 63n - 1n

/** Within what the column holds: 1970 to 2262. */
function dateTime64(field: string, nanos: bigint): bigint {
  if (typeof nanos !== 'bigint') throw new ValidationError('Invalid record', [{ field, message: 'must be a bigint' }])
  if (nanos < 0n) return 0n
  return nanos > latest ? latest : nanos
}

const optionalText = (value: unknown) => (value === undefined || value === null ? null : String(value))
