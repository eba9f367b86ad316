import type { Column, SQL } from 'drizzle-orm'

/** Words that follow each other; a single word is a phrase of one. */
export type Phrase = readonly string[]

/** What a text search looks for. Words are of letters and digits only. */
export interface TextSearch {
  /** All of these are there; at least one. */
  readonly wanted: readonly Phrase[]
  /** None of these is. */
  readonly unwanted: readonly Phrase[]
}

/** Finds words in the bodies of logs by an index. */
export interface SearchDialect {
  /** The log's body has the words; letters match in any case, accents count. */
  matches(logs: { readonly bodyText: Column; readonly rowNumber: Column }, search: TextSearch): SQL
}
