import type { Json, OtelKind, SpanKind, Status } from '../../schema/values.ts'
import type { Instant } from '../rows/records.ts'
import type { commonFields, spanFields, traceFields } from './predicates/fields.ts'

/** One accepted value, or several of which one must fit. No value of an empty list fits. */
export type OneOf<T> = T | readonly T[]

/** A text column: one of these texts (`null`: it has none), or a part of it. */
export type TextMatch = OneOf<string | null> | { readonly contains: string }

/** Bounds that must all hold. A row without the value is outside of every range. */
export interface Range<T> {
  readonly gt?: T | undefined
  readonly gte?: T | undefined
  readonly lt?: T | undefined
  readonly lte?: T | undefined
}

/** A number column: this number (`null`: it has none), or a range. */
export type NumberMatch = number | null | Range<number>

/** Tags: one of these, or all of these. Every condition given must hold. */
export type TagsMatch =
  | OneOf<string>
  | { readonly any?: readonly string[] | undefined; readonly all?: readonly string[] | undefined }

/** Text anywhere in a document: in any of its string values, whatever their depth. ASCII letters match in any case. */
export interface ContentMatch {
  readonly contains: string
}

/**
 * A condition on one place of a JSON document (metadata, attributes). Every operator given must hold.
 *
 * A place is absent when a step of its path does not exist; only `exists: false` holds there. A JSON null is a value.
 * Values compare only with values of the same JSON type: 1 is not '1', and a comparison across types is false and
 * never an error.
 */
export interface JsonPredicate {
  /**
   * Where: a key of the document (`'gen_ai.system'`; dots have no meaning), or the steps of a path. A text step is a
   * key of an object, a number an index into a list.
   */
  readonly path: string | readonly (string | number)[]
  /** Whether there is a value. */
  readonly exists?: boolean | undefined
  /** Equal in depth; the order of an object's keys does not count. */
  readonly eq?: Json | undefined
  /** There is a value, and it is not equal. */
  readonly ne?: Json | undefined
  /** Equal to one of these. */
  readonly in?: readonly Json[] | undefined
  /** Greater. Numbers compare with numbers; texts with texts, by their bytes in UTF-8. */
  readonly gt?: number | string | undefined
  readonly gte?: number | string | undefined
  readonly lt?: number | string | undefined
  readonly lte?: number | string | undefined
}

type Fields = { readonly [kind: string]: readonly string[] }
type Texts<F extends Fields> = {
  [K in F['text'] extends readonly (infer N extends string)[] ? N : never]?: TextMatch | undefined
}
type Numbers<F extends Fields> = {
  [K in F['number'] extends readonly (infer N extends string)[] ? N : never]?: NumberMatch | undefined
}
type Instants<F extends Fields> = {
  [K in F['instant'] extends readonly (infer N extends string)[] ? N : never]?: Range<Instant> | undefined
}
type Documents<F extends Fields> = {
  [K in F['json'] extends readonly (infer N extends string)[] ? N : never]?: OneOf<JsonPredicate> | undefined
}

/** What traces and spans can both be filtered by. Every condition must hold; what is left out does not filter. */
export interface CommonFilter
  extends Texts<typeof commonFields>,
    Numbers<typeof commonFields>,
    Instants<typeof commonFields>,
    Documents<typeof commonFields> {
  status?: OneOf<Status> | undefined
  /** Started at this instant or later. */
  since?: Instant | undefined
  /** Started before this instant. */
  until?: Instant | undefined
  tags?: TagsMatch | undefined
  input?: ContentMatch | undefined
  output?: ContentMatch | undefined
  /** Spans: the status is `error`. Traces: the status is `error`, or that of a span is. */
  hasError?: boolean | undefined
}

/** Which traces. */
export interface TraceFilter
  extends CommonFilter,
    Texts<typeof traceFields>,
    Numbers<typeof traceFields>,
    Instants<typeof traceFields>,
    Documents<typeof traceFields> {
  /** At least one span of the trace fits. */
  hasSpan?: SpanFilter | undefined
  and?: readonly TraceFilter[] | undefined
  /** At least one fits; of an empty list none does. */
  or?: readonly TraceFilter[] | undefined
  /** All that the filter does not find, rows without the value among them. */
  not?: TraceFilter | undefined
}

/** Which spans. */
export interface SpanFilter
  extends CommonFilter,
    Texts<typeof spanFields>,
    Numbers<typeof spanFields>,
    Documents<typeof spanFields> {
  kind?: OneOf<SpanKind> | undefined
  otelKind?: OneOf<OtelKind | null> | undefined
  /** The span's trace fits: filters spans by metadata, which belongs to the trace. */
  inTrace?: TraceFilter | undefined
  and?: readonly SpanFilter[] | undefined
  /** At least one fits; of an empty list none does. */
  or?: readonly SpanFilter[] | undefined
  /** All that the filter does not find, rows without the value among them. */
  not?: SpanFilter | undefined
}
