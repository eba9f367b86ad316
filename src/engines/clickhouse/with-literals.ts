import { quoteText } from './connection.ts'

/** Characters of a statement that the engine parses at most, less some (max_query_size). */
const longest = 200_000
const parameter = /\{(\w+):(String|Int64|Array\(String\))\}/g

/**
 * A statement with its values in it, as literals; undefined where it would be too long, or has values of other types. In
 * one process the engine runs two statements with parameters one after the other, on whatever sessions: beside a delete,
 * which waits for its mutation, everybody else would wait.
 */
export function withLiterals(text: string, params: Readonly<Record<string, unknown>>): string | undefined {
  let isWhole = true
  const filled = text.replaceAll(parameter, (_, name: string, type: string) => {
    const literal = literalOf(type, params[name])
    isWhole &&= literal !== undefined
    return literal ?? ''
  })
  return isWhole && filled.length <= longest && !/\{\w+:/.test(text.replaceAll(parameter, '')) ? filled : undefined
}

function literalOf(type: string, value: unknown): string | undefined {
  if (type === 'Int64') return Number.isSafeInteger(Number(value)) ? `toInt64(${Number(value)})` : undefined
  if (type === 'String') return typeof value === 'string' ? quoteText(value) : undefined
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return undefined
  return value.length === 0 ? `CAST([] AS ${type})` : `[${value.map(quoteText).join(',')}]`
}
