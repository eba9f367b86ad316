import { and, type Column, isNull, not, or, type SQL, sql } from 'drizzle-orm'
import type { Phrase, SearchDialect } from '../search.ts'

/** ASCII punctuation, as ranges around digits and letters; written as in the index, which is found by its very words. */
const punctuation = sql.raw("'[!-/:-@[-`{-~]+'")
/** What stands between the words of ASCII texts: this, spaces and control characters. */
const separators = sql.raw("'[\\x01-/:-@[-`{-\\x7f]+'")

/**
 * A tsvector, by the expression of the index in the migration `search_text`. It says which words a text has, but not of
 * all where: it keeps 256 positions of a word, and none after the 16383rd word. So phrases are looked for in the text
 * itself; and so are words where the text is not all ASCII, which the parser takes apart by the server's language.
 */
export const postgresSearch: SearchDialect = {
  matches({ bodyText, searchText }, { wanted, unwanted }) {
    const text = textOf(bodyText, searchText)
    const indexed = sql`regexp_replace(${text}, ${punctuation}, ' ', 'g')`
    const query = wanted.flat().map(lexeme).join(' & ')
    const has = (phrase: Phrase) => hasPhrase(text, phrase)
    const hasWords = wanted.map((phrase) => (phrase.length > 1 ? has(phrase) : or(isNull(searchText), has(phrase))))
    return sql`(${and(
      sql`to_tsvector('simple'::regconfig, ${indexed}) @@ to_tsquery('simple'::regconfig, ${query})`,
      ...hasWords,
      ...unwanted.map((phrase) => not(has(phrase))),
    )})`
  },
}

const textOf = (bodyText: Column, searchText: Column) => sql`left(coalesce(${searchText}, ${bodyText}), 65536)`

function hasPhrase(text: SQL, words: Phrase): SQL {
  const line = sql`(' ' || regexp_replace(lower(${text} collate "C"), ${separators}, ' ', 'g') || ' ')`
  return sql`(strpos(${line}, ${` ${words.join(' ')} `}::text collate "C") > 0)`
}

const lexeme = (word: string) => `'${word}'`
