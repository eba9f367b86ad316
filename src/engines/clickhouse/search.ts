import { and, not, type SQL, sql } from 'drizzle-orm'
import type { Phrase, SearchDialect } from '../search.ts'

/** ASCII punctuation, space and control characters: what separates words. */
const separators = sql.raw(String.raw`'[\\x00-/:-@\\[-\x60{-\\x7f]+'`)

/** Tokens, by the bloom filter of the index `logs_search_text`, which is found by its very words. */
export const clickhouseSearch: SearchDialect = {
  matches({ bodyText, searchText }, { wanted, unwanted }) {
    const indexed = sql`lower(ifNull(${searchText}, ifNull(${bodyText}, '')))`
    // What all engines search: the first 65536 characters.
    const text = sql`leftUTF8(${indexed}, 65536)`
    const mayMatch = [...new Set(wanted.flat())].map((word) => sql`hasToken(${indexed}, ${word})`)
    const has = (phrase: Phrase) => hasPhrase(text, phrase)
    return sql`(${and(...mayMatch, ...wanted.map(has), ...unwanted.map((phrase) => not(has(phrase))))})`
  },
}

function hasPhrase(text: SQL, words: Phrase): SQL {
  if (words.length === 1) return sql`hasToken(${text}, ${words[0]})`
  const line = sql`concat(' ', replaceRegexpAll(${text}, ${separators}, ' '), ' ')`
  return sql`(position(${line}, ${` ${words.join(' ')} `}) > 0)`
}
