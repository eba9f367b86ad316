import { tokenColumns } from '../../../schema/tokens.ts'

/** The columns that traces and spans can both be filtered by, by kind of column. */
export const commonFields = {
  text: [
    'traceId',
    'name',
    'agentName',
    'agentVersion',
    'serviceName',
    'sessionId',
    'userId',
    'environment',
    'provider',
    'model',
    'statusMessage',
  ],
  number: ['durationMs', ...tokenColumns, 'costUsd'],
  instant: ['startTime', 'endTime'],
  json: ['resource'],
} as const

/** The columns that only traces can be filtered by. */
export const traceFields = {
  text: ['runId', 'parentRunId'],
  number: ['spanCount', 'errorCount', 'llmCallCount', 'toolCallCount', 'stepCount', 'stepsDurationMs'],
  instant: ['createdAt', 'updatedAt'],
  json: ['metadata'],
} as const

/** The columns that only spans can be filtered by. */
export const spanFields = {
  text: [
    'spanId',
    'parentSpanId',
    'operation',
    'errorType',
    'requestModel',
    'responseId',
    'toolName',
    'toolType',
    'toolCallId',
    'mcpMethod',
    'mcpServer',
    'mcpSessionId',
    'agentId',
    'workflowName',
  ],
  number: ['sequence', 'timeToFirstChunkMs'],
  instant: [],
  json: ['attributes', 'scope'],
} as const

/** The tables that have filters. */
export type Filtered = 'traces' | 'spans'

/** How a field is compared. */
export type FieldKind = keyof typeof commonFields

const kindsOf = (
  ...groups: readonly Readonly<Record<FieldKind, readonly string[]>>[]
): ReadonlyMap<string, FieldKind> =>
  new Map(
    groups.flatMap((fields) =>
      Object.entries(fields).flatMap(([kind, names]) => names.map((name) => [name, kind as FieldKind] as const)),
    ),
  )

/** The kind of every column that a table can be filtered by. */
export const fieldKinds: Readonly<Record<Filtered, ReadonlyMap<string, FieldKind>>> = {
  traces: kindsOf(commonFields, traceFields),
  spans: kindsOf(commonFields, spanFields),
}
