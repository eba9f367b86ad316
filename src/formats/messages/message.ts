import type { Json } from '../../../schema/values.ts'

/**
 * A message in the shape of OpenTelemetry's GenAI conventions, whatever instrumentation wrote it.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export interface Message {
  /** `system`, `user`, `assistant` or `tool`; another role stays as it was given. */
  readonly role: string
  readonly parts: readonly MessagePart[]
  /** The participant's name. */
  readonly name?: string
  /** Why the model stopped; only on answers. */
  readonly finish_reason?: string
}

/** A part of a message. */
export type MessagePart = TextPart | ToolCallPart | ToolResultPart | FilePart | DataPart

/** Text, or what a model thought before it. */
export interface TextPart {
  readonly type: 'text' | 'reasoning'
  readonly content: string
}

/** A call of a tool that a model asks for. */
export interface ToolCallPart {
  readonly type: 'tool_call'
  readonly id: string | null
  readonly name: string | null
  /** Parsed where they came as JSON text. */
  readonly arguments: Json
}

/** What a tool answered. */
export interface ToolResultPart {
  readonly type: 'tool_call_response'
  readonly id: string | null
  readonly name?: string
  readonly response: Json
}

/** An image, audio, a document: by its data, its address or its id. */
export interface FilePart {
  readonly type: 'blob' | 'uri' | 'file'
  readonly modality: string | null
  readonly mime_type: string | null
  /** Base64, an address, or an id, as `type` says. */
  readonly content: string | null
}

/** Anything else, as it came. */
export interface DataPart {
  readonly type: 'data'
  readonly content: Json
}

/** What went into a span and came out of it, as messages. */
export interface SpanMessages {
  readonly input: readonly Message[]
  readonly output: readonly Message[]
}
