import { sql } from 'drizzle-orm'
import type { Phrase, SearchDialect } from './search.ts'

/** ASCII punctuation, as ranges around digits and letters; written as in the index, which is found by its very words. */
const punctuation = sql.raw("'[!-/:-@[-`{-~]+'")

/** A tsvector, by the expression of the index in the migration `log_search`. */
export const postgresSearch: SearchDialect = {
  matches({ bodyText }, { wanted, unwanted }) {
    const query = [...wanted.map(lexemes), ...unwanted.map((phrase) => `!${lexemes(phrase)}`)].join(' & ')
    const text = sql`regexp_replace(left(${bodyText}, 65536), ${punctuation}, ' ', 'g')`
    return sql`to_tsvector('simple'::regconfig, ${text}) @@ to_tsquery('simple'::regconfig, ${query})`
  },
}

const lexemes = (phrase: Phrase) => `(${phrase.map((word) => `'${word}'`).join(' <-> ')})`
