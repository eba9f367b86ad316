/**
 * One finished unit of work of an agent, as runtimes hand it to exporters: written once and never changed. The shape is
 * that of ForgeSight's records, in TypeScript's spelling.
 */
export interface AgentRecord {
  readonly kind: RecordKind
  /** The run that the unit belongs to, such as a ULID. */
  readonly runId: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string | null | undefined
  readonly name: string
  readonly status: RecordStatus
  /** Nanoseconds since 1970. */
  readonly startUnixNanos: bigint
  /** Nanoseconds since 1970; none while it runs. */
  readonly endUnixNanos?: bigint | null | undefined
  /** Whatever else is known; `agent.version`, `parent.run_id` and `context.id` have columns of their own. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
  readonly llm?: RecordLlm | null | undefined
  readonly tool?: RecordTool | null | undefined
  readonly mcp?: RecordMcp | null | undefined
  readonly error?: RecordError | null | undefined
}

/** What a unit of work is. */
export type RecordKind = 'workflow' | 'agent' | 'step' | 'llm' | 'tool' | 'mcp'

/** How a unit of work ended. */
export type RecordStatus = 'running' | 'ok' | 'error' | 'cancelled' | 'budget_exceeded' | 'guardrail'

/** A call of a model. */
export interface RecordLlm {
  readonly provider: string
  readonly requestModel: string
  /** The model that answered. */
  readonly responseModel?: string | null | undefined
  readonly usage?: RecordUsage | null | undefined
  /** US dollars. */
  readonly costUsd?: number | null | undefined
}

/** Tokens of a call, each counted once. A count left out is 0. */
export interface RecordUsage {
  readonly input?: number | undefined
  readonly output?: number | undefined
  readonly cacheRead?: number | undefined
  readonly cacheCreation?: number | undefined
  readonly reasoning?: number | undefined
  /** What the source reported as the total. @default the sum of all five */
  readonly total?: number | undefined
}

/** A call of a tool. */
export interface RecordTool {
  readonly name: string
  readonly status?: RecordStatus | undefined
}

/** A request of the Model Context Protocol. */
export interface RecordMcp {
  readonly server: string
  readonly method: string
  /** The tool that `tools/call` names. */
  readonly tool?: string | null | undefined
}

/** Why a unit of work failed. */
export interface RecordError {
  readonly errorType: string
  readonly message?: string | undefined
}
