/** What a row may hold at most: writers refuse more, formats leave it out. */

/**
 * Characters (UTF-16 code units) of an id, or of a name that is a key. In UTF-8 that is at most 768 bytes, so that three
 * of them fit in one entry of a PostgreSQL index (2704 bytes).
 */
export const maxIdLength = 256

/** The last instant, in microseconds since 1970: 2255-06-05, the last that a float holds exactly. */
export const maxMicros = Number.MAX_SAFE_INTEGER

/** Milliseconds of a duration. */
export const maxDurationMs = maxMicros / 1000

/** A column of 32-bit integers. */
export const maxInt = 2_147_483_647

/** Tokens of a span: the sum of millions of such spans is still a 64-bit integer. */
export const maxTokens = 2 ** 42

/** US dollars of a span: in nano-dollars a float holds them exactly, and sums of many are 64-bit integers. */
export const maxCostUsd = 9_000_000

/** Levels of lists and objects in a JSON column: SQLite reads no document with more. */
export const maxJsonLevels = 1_000

/** Levels of a document that is kept as text: with more it may not be readable again, for want of stack. */
export const maxDocumentLevels = 1_500

/** Bytes of a row. */
export const maxRowBytes = 32 * 1024 * 1024
