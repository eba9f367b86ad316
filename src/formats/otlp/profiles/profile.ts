import type { SpanKind } from '../../../../schema/values.ts'

/**
 * What one instrumentation means by its attributes. A profile is data: `compile.ts` turns it into lookups once, and
 * `registry.ts` lists all of them. `docs/attributes.md` is generated from them.
 */
export interface Profile {
  /** What the rows that it read carry, with `version`: lower case, `ai-sdk`. */
  readonly name: string
  /** Goes up when the profile reads the same attributes otherwise. */
  readonly version: number
  /** The instrumentation in words, with where its attributes are defined. */
  readonly title: string
  readonly source: string
  /** Names of instrumentation scopes; a text that ends in `*` is the beginning of names. */
  readonly scopes: readonly string[]
  /** Versions of the scope that it is for. @default all */
  readonly scopeVersions?: RegExp
  /** Attributes that show it in a scope of another name; a text that ends in `*` is the beginning of names. */
  readonly signature: readonly string[]
  /** Values that attributes must have as well: several profiles may know one scope. */
  readonly when?: Readonly<Record<string, RegExp>>
  /** Where each column is read from, in order of preference; the generic profile's sources follow. */
  readonly columns: { readonly [C in Column]?: Source | readonly Source[] }
  /** What kind of span it is, in order of preference. */
  readonly kinds?: readonly KindRule[]
  /** What went in and came out, in order of preference. */
  readonly input?: readonly ContentSource[]
  readonly output?: readonly ContentSource[]
  /** Attributes that look like usage, cost, model, session or tool and are none of a span's own columns. */
  readonly ignored?: readonly string[]
  /** How it counts tokens; undefined where it is not known, and then the counts themselves decide. */
  readonly counts?: Counts
}

/** How an instrumentation counts. Provider metadata that shows otherwise wins over it. */
export interface Counts {
  /** Whether cached tokens are part of the input that it reports. */
  readonly cachedInInput: boolean
  /** Whether reasoning tokens are part of the output that it reports. */
  readonly reasoningInOutput: boolean
  /** Providers for which cached tokens are not part of input, whatever `cachedInInput` says. */
  readonly cachedApartFor?: RegExp
  /** Whether a reported total is that of the provider and shows which parts it adds up. @default false */
  readonly totalDecides?: boolean
}

/** What can be read of a span: its columns, and a few facts that other columns follow from. */
export const columnTypes = {
  operation: 'text',
  provider: 'text',
  requestModel: 'text',
  responseModel: 'text',
  responseId: 'text',
  finishReasons: 'texts',
  inputTokens: 'count',
  outputTokens: 'count',
  totalTokens: 'count',
  cacheReadTokens: 'count',
  cacheCreationTokens: 'count',
  reasoningTokens: 'count',
  /** The provider's own count of input that was not cached: evidence of what `inputTokens` counts. */
  uncachedInputTokens: 'count',
  costUsd: 'dollars',
  timeToFirstChunkMs: 'seconds',
  toolName: 'text',
  toolType: 'text',
  toolCallId: 'text',
  mcpMethod: 'text',
  mcpServer: 'text',
  mcpSessionId: 'text',
  sessionId: 'id',
  userId: 'id',
  serviceName: 'text',
  environment: 'text',
  agentId: 'text',
  agentName: 'text',
  agentVersion: 'text',
  workflowName: 'text',
  errorType: 'text',
  statusMessage: 'text',
  /** A level, a status or a flag that says whether the span failed. */
  failed: 'failure',
  tags: 'texts',
  metadata: 'members',
  /** Like `tags`, `metadata` and `name`, said of the trace by any of its spans. */
  traceTags: 'texts',
  traceMetadata: 'members',
  traceName: 'text',
} as const satisfies Record<string, As>

export type Column = keyof typeof columnTypes

/** How a value is understood. Times and amounts of money become milliseconds and dollars. */
export type As =
  | 'text'
  | 'id'
  | 'texts'
  | 'count'
  | 'dollars'
  | 'seconds'
  | 'milliseconds'
  | 'nanoseconds'
  | 'instant'
  | 'failure'
  | 'notOk'
  | 'members'

/**
 * Where a value is: an attribute by its name; `*` in it for any number (`gen_ai.completion.*.finish_reason`), and at
 * its end for the rest of the name.
 */
export type Source = string | AttributeSource | NameSource

/** A part of the span's own name: the first group of `name`. */
export interface NameSource {
  readonly name: RegExp
  /** Kinds of spans for which it means this. */
  readonly for: readonly SpanKind[]
}

/** An attribute, with how it is understood. */
export interface AttributeSource {
  readonly from: string
  /** Kinds of spans for which it means this. @default all */
  readonly for?: readonly SpanKind[]
  /** The members that lead to the value, joined with dots, where the attribute is an object or JSON text. */
  readonly path?: string
  /** How the value is understood. @default what the column holds */
  readonly as?: As
  /** Whether it is an attribute of the resource, or of events of this name. @default of the span */
  readonly of?: 'resource' | { readonly event: string }
}

/** What shows a span's kind: the value of an attribute, that it is there, or the span's name. */
export type KindRule =
  | { readonly attribute: string; readonly path?: string; readonly is: Readonly<Record<string, KindName>> }
  | { readonly attribute: string; readonly like?: RegExp; readonly kind: KindName; readonly repeatsUsage?: boolean }
  | { readonly name: RegExp; readonly kind: KindName }

/** A kind, and the operation where it is not the kind's usual one: `llm`, `llm/text_completion`. */
export type KindName = SpanKind | `${SpanKind}/${string}`

/**
 * Where content is: one attribute, which moves; several that belong together, which move together where the first of
 * them is there; or attributes with numbered names or events, which stay and are put together.
 */
export type ContentSource =
  | string
  | readonly string[]
  | {
      /** `gen_ai.prompt` for `gen_ai.prompt.0.content`, … */
      readonly numbered: string
    }
  | {
      /** Names of events, as far as they are there. */
      readonly events: readonly string[]
    }
