import type { Json } from '../../../schema/values.ts'
import type { Instant } from '../../rows/records.ts'

/** One accepted value, or several one of which must match. An empty list matches nothing. */
export type OneOf<T> = T | readonly T[]

/** A text column: one of these texts (`null`: it has none), a part of it, or its beginning, which an index answers. */
export type TextMatch = OneOf<string | null> | { readonly contains: string } | { readonly startsWith: string }

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
 * A condition on the value at one path of a JSON document (metadata, attributes). Every operator given must hold.
 *
 * A value is absent when a step of the path does not exist; only `exists: false` holds then. A JSON null is a value.
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

/** What a condition on a column takes, by the kind of the column. `V` is the type of the column's values. */
interface MatchOfKind<V> {
  text: TextMatch
  number: NumberMatch
  instant: Range<Instant>
  json: OneOf<JsonPredicate>
  content: ContentMatch
  tags: TagsMatch
  bool: boolean | null
  enum: OneOf<V>
}

/**
 * How a column is compared. `enum` is a text with a closed vocabulary, `content` a document that is only searched for
 * text, `json` one whose values are compared.
 */
export type FieldKind = keyof MatchOfKind<unknown>

/** The columns that an entity is filtered by, and how each is compared. */
export type Fields = Readonly<Record<string, FieldKind>>

/** The conditions on columns, from their kinds and the type of a row. */
export type FieldFilter<F extends Fields, Row> = {
  readonly [K in keyof F]?: MatchOfKind<K extends keyof Row ? Row[K] : never>[F[K]] | undefined
}

/** How filters combine. */
export interface CombinedFilter<F> {
  /** All match. */
  readonly and?: readonly F[] | undefined
  /** At least one matches; an empty list matches nothing. */
  readonly or?: readonly F[] | undefined
  /** All that the filter does not find, rows without the value among them. */
  readonly not?: F | undefined
}

/** When something started or happened. */
export interface TimeFilter {
  /** At this instant or later. */
  readonly since?: Instant | undefined
  /** Before this instant. */
  readonly until?: Instant | undefined
}
