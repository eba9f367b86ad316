import type { SpanRow } from '../../../../schema/tables.ts'
import type { JsonObject, Scope } from '../../../../schema/values.ts'
import { profileChoice } from './choose.ts'
import { indexOf as at, type CompiledProfile, isGroup } from './compile.ts'
import { type FoundContent, findContent } from './content.ts'
import { noTokens, type TokenColumns, tokenColumns } from './counts.ts'
import { normalizeProvider } from './provider.ts'
import { classByEvidence, type Readable, SpanValues } from './read-values.ts'

/** The columns of a span that follow from its attributes, its resource and its events. */
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
    | 'tags'
    | 'reader'
  >

/** What a span says beside its columns. */
export interface ReadSpan {
  readonly columns: DerivedColumns
  /** Whether an attribute says that the span failed. */
  readonly failed: boolean
  /** What went wrong, where attributes or events say it. */
  readonly failure: string | null
  readonly input: FoundContent | undefined
  readonly output: FoundContent | undefined
  /** What the span says of its trace; of a root all that it says of itself. */
  readonly trace: {
    readonly name: string | null
    readonly tags: readonly string[] | null
    readonly metadata: JsonObject | null
  }
  /** Names of attributes that nothing is read from although they look like a column. */
  readonly unread: ReadonlySet<string>
}

/** A span as its profile reads it. */
export interface SpanToRead extends Readable {
  readonly scope: Scope | null
  readonly isRoot: boolean
  readonly durationMs: number | null
}

/** Reads a span by the profile of its instrumentation, and then by the evidence that it holds. */
export function readSpanColumns(span: SpanToRead): ReadSpan {
  const profile = profileChoice.choose(span.scope, span.attributes)
  const values = new SpanValues(profile, span)
  const mcpMethod = values.get<string>(at.mcpMethod)
  const spanClass = values.spanClass ?? classByEvidence(values, hasMessages(profile, values))
  const kind = mcpMethod === null ? spanClass.kind : 'mcp'
  values.readFor(kind)
  const provider = values.get<string>(at.provider)
  const withInstructions = kind === 'llm' || kind === 'agent'
  const content = (side: 'input' | 'output', rank: number) =>
    findContent(profile[side][rank], side, span.attributes, span.events, side === 'input' && withInstructions)
  const tags = values.get<readonly string[]>(at.tags)
  const requestModel = values.get<string>(at.requestModel)
  const tokens = spanClass.repeatsUsage ? noTokens : tokenColumns(reportedTokens(values), profile.counts, provider)
  return {
    columns: {
      inputTokens: tokens.inputTokens,
      outputTokens: tokens.outputTokens,
      totalTokens: tokens.totalTokens,
      cacheReadTokens: tokens.cacheReadTokens,
      cacheCreationTokens: tokens.cacheCreationTokens,
      reasoningTokens: tokens.reasoningTokens,
      kind,
      operation: values.get<string>(at.operation) ?? spanClass.operation,
      errorType: values.get(at.errorType),
      provider: provider === null ? null : normalizeProvider(provider),
      model: values.get<string>(at.responseModel) ?? requestModel,
      requestModel,
      responseId: values.get(at.responseId),
      finishReasons: values.get(at.finishReasons),
      costUsd: values.get(at.costUsd),
      timeToFirstChunkMs: timeToFirstChunk(profile, values, span.durationMs),
      toolName: values.get(at.toolName),
      toolType: values.get(at.toolType),
      toolCallId: values.get(at.toolCallId),
      mcpMethod,
      mcpServer: values.get<string>(at.mcpServer) ?? (kind === 'mcp' ? serverAddress(span.attributes) : null),
      mcpSessionId: values.get(at.mcpSessionId),
      sessionId: values.get(at.sessionId),
      userId: values.get(at.userId),
      serviceName: values.get(at.serviceName),
      environment: values.get(at.environment),
      agentId: values.get(at.agentId),
      agentName: values.get(at.agentName),
      agentVersion: values.get(at.agentVersion),
      workflowName: values.get(at.workflowName),
      tags,
      reader: profile.reader,
    },
    failed: values.get(at.failed) !== null,
    failure: values.get(at.statusMessage),
    input: content('input', values.inputRank),
    output: content('output', values.outputRank),
    trace: {
      name: values.get(at.traceName),
      tags: values.get<readonly string[]>(at.traceTags) ?? (span.isRoot ? tags : null),
      metadata: values.get<JsonObject>(at.traceMetadata) ?? (span.isRoot ? values.get<JsonObject>(at.metadata) : null),
    },
    unread: values.unread,
  }
}

/** Names of a span's attributes that nothing is read from although they look like a column. */
export function unreadAttributes(scope: Scope | null, attributes: JsonObject): ReadonlySet<string> {
  const profile = profileChoice.choose(scope, attributes)
  return new SpanValues(profile, { name: '', startMicros: 0, attributes, resource: {}, events: [] }).unread
}

const reportedTokens = (values: SpanValues) => ({
  inputTokens: values.get<number>(at.inputTokens),
  outputTokens: values.get<number>(at.outputTokens),
  totalTokens: values.get<number>(at.totalTokens),
  cacheReadTokens: values.get<number>(at.cacheReadTokens),
  cacheCreationTokens: values.get<number>(at.cacheCreationTokens),
  reasoningTokens: values.get<number>(at.reasoningTokens),
  uncachedInputTokens: values.get<number>(at.uncachedInputTokens),
})

/** Seconds longer than the span are milliseconds, where the unit is a guess: the same name has either in different SDKs. */
function timeToFirstChunk(profile: CompiledProfile, values: SpanValues, durationMs: number | null): number | null {
  const ms = values.get<number>(at.timeToFirstChunkMs)
  if (ms === null || durationMs === null || ms <= durationMs) return ms
  if (!profile.guessedTimes.has(values.rank(at.timeToFirstChunkMs))) return ms
  const asMs = Math.round(ms) / 1000
  return Number.isInteger(ms / 1000) && ms / 1000 >= 1 && asMs <= durationMs ? asMs : ms
}

/** The conventions name an MCP server only by its address. */
function serverAddress(attributes: JsonObject): string | null {
  const address = attributes['server.address']
  return typeof address === 'string' && address !== '' ? address : null
}

/** Whether the content is that of a model call: messages, not any input. */
function hasMessages(profile: CompiledProfile, { inputRank, outputRank }: SpanValues): boolean {
  const isMessages = (source: CompiledProfile['input'][number] | undefined) => {
    if (source === undefined) return false
    if (typeof source === 'string') return messageNames.test(source)
    if (isGroup(source)) return source.some((each) => messageNames.test(each))
    return 'numbered' in source
      ? messageNames.test(source.numbered)
      : source.events.some((each) => each.startsWith('gen_ai.'))
  }
  return isMessages(profile.input[inputRank]) || isMessages(profile.output[outputRank])
}

const messageNames =
  /^(gen_ai\.(input|output|request|response)\.messages|gen_ai\.(prompt|completion)|llm\.(input|output)_messages|llm\.(prompts|completions)|ai\.(prompt\.messages|response\.(text|object|toolCalls)))$/
