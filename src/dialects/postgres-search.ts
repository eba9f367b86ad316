import { sql } from 'drizzle-orm'
import type { Phrase, SearchDialect } from './search.ts'

const punctuation = `!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`
const quoted = (literal: string) => sql.raw(`'${literal.replaceAll("'", "''")}'`)

/** A tsvector, by the very expression of the index in the migration `log_search`. */
export const postgresSearch: SearchDialect = {
  matches({ bodyText }, { wanted, unwanted }) {
    const query = [...wanted.map(lexemes), ...unwanted.map((phrase) => `!${lexemes(phrase)}`)].join(' & ')
    const text = sql`translate(left(${bodyText}, 65536), ${quoted(punctuation)}, ${quoted(' '.repeat(punctuation.length))})`
    return sql`to_tsvector('simple'::regconfig, ${text}) @@ to_tsquery('simple'::regconfig, ${query})`
  },
}

const lexemes = (phrase: Phrase) => `(${phrase.map((word) => `'${word}'`).join(' <-> ')})`
