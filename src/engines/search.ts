import type { Column, SQL } from 'drizzle-orm'

/** Words that follow each other, letters in small; a single word is a phrase of one. */
export type Phrase = readonly string[]

/** What a text search looks for. Words are of letters and digits only, as `searchedWords` makes them. */
export interface TextSearch {
  /** All of these are there; at least one. */
  readonly wanted: readonly Phrase[]
  /** None of these is. */
  readonly unwanted: readonly Phrase[]
}

/** Finds words in the bodies of logs by an index. */
export interface SearchDialect {
  /**
   * The log's body has the words; letters match in any case, accents count. `searchText` has the words of a body that is
   * not all ASCII, of which engines know different capitals and separators; it is null of others.
   */
  matches(logs: { readonly [K in 'bodyText' | 'rowNumber' | 'searchText']: Column }, search: TextSearch): SQL
}
