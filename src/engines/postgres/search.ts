import { and, type Column, not, type SQL, sql } from 'drizzle-orm'
import type { Phrase, SearchDialect } from '../search.ts'

/** ASCII punctuation, as ranges around digits and letters; written as in the index, which is found by its very words. */
const punctuation = sql.raw("'[!-/:-@[-`{-~]+'")
/** What stands between words, by the rules of the database's language, as the index has them. */
const separators = sql.raw("'[[:space:][:punct:][:cntrl:]!-/:-@[-`{-~]+'")

/**
 * A tsvector, by the expression of the index in the migration `log_search`. It says which words a text has, but not of
 * all where: it keeps 256 positions of a word, and none after the 16383rd word. So phrases are looked for in the text itself.
 */
export const postgresSearch: SearchDialect = {
  matches({ bodyText }, { wanted, unwanted }) {
    const unwantedWords = unwanted.filter((phrase) => !isOfSeveral(phrase)).flat()
    const query = [...wanted.flat().map(lexeme), ...unwantedWords.map((word) => `!${lexeme(word)}`)].join(' & ')
    const text = sql`regexp_replace(left(${bodyText}, 65536), ${punctuation}, ' ', 'g')`
    const has = (phrase: Phrase) => hasPhrase(bodyText, phrase)
    return sql`(${and(
      sql`to_tsvector('simple'::regconfig, ${text}) @@ to_tsquery('simple'::regconfig, ${query})`,
      ...wanted.filter(isOfSeveral).map(has),
      ...unwanted.filter(isOfSeveral).map((phrase) => not(has(phrase))),
    )})`
  },
}

function hasPhrase(bodyText: Column, words: Phrase): SQL {
  const text = sql`lower(left(${bodyText}, 65536) collate "default")`
  const line = sql`(' ' || regexp_replace(${text}, ${separators}, ' ', 'g') || ' ')`
  return sql`(strpos(${line}, lower(${` ${words.join(' ')} `}::text collate "default")) > 0)`
}

const isOfSeveral = (phrase: Phrase) => phrase.length > 1
const lexeme = (word: string) => `'${word}'`
