/** The columns of tokens, which spans and traces both have. */
export const tokenColumns = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheCreationTokens',
  'reasoningTokens',
] as const

/** A column of tokens. */
export type TokenColumn = (typeof tokenColumns)[number]

/** An object with a value for each column of tokens. */
export const eachToken = <T>(of: (column: TokenColumn) => T) =>
  // `Object.fromEntries` forgets the names.
  Object.fromEntries(tokenColumns.map((column) => [column, of(column)])) as Record<TokenColumn, T>
