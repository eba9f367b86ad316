import { type Column, type SQL, sql } from 'drizzle-orm'

/**
 * A stored document, so that the engine can read it. Its parser refuses a whole document for one integer outside of 64
 * bits, and JSON.stringify writes numbers up to 1e21 as such; here they get an exponent. The engine's other parser would
 * take them, but it takes three times as long, and reads one float of six as the one beside it.
 */
export const readableDocument = (document: Column | SQL): SQL => {
  const isLong = sql.raw(`match(part, '^-?[0-9]{19,}$')`)
  return sql`if(isValidJSON(ifNull(${document}, '{}')), ${document}, arrayStringConcat(
    arrayMap(part -> if(${isLong}, concat(part, 'e0'), part), extractAll(ifNull(${document}, ''), ${parts}))))`
}

/** Strings, numbers, and what stands between them. */
const parts = sql.raw(String.raw`'"(?:[^"\\\\]|\\\\.)*"|[-0-9][-+.0-9eE]*|[^-"0-9]+'`)
