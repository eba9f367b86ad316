/** Text and JSON that every engine can hold. */

const replacement = '\ufffd'
let replaced = 0

/** How many texts this process had to change, ever: a caller compares before and after. */
export const replacedTexts = (): number => replaced

/** `text` with NUL characters and lone surrogates replaced by U+FFFD; the same string when it has none. */
export function safeText(text: string): string {
  if (text.isWellFormed() && !text.includes('\0')) return text
  replaced += 1
  return text.toWellFormed().replaceAll('\0', replacement)
}

/**
 * `value` as JSON text that every engine can hold. What JSON has no form for (big integers, cycles) becomes
 * its string, never a throw.
 *
 * @throws RangeError when the value is nested too deeply to be walked
 */
export function safeJson(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    return careful(value)
  }
  if (text === undefined) return careful(value)
  // Nearly no text has any such escape, and one look tells.
  if (text.includes('\\u') && (text.includes('\\u0000') || text.includes('\\ud'))) return careful(value)
  return text
}

function careful(value: unknown): string {
  return JSON.stringify(plain(value, new Set())) ?? 'null'
}

function plain(value: unknown, ancestors: Set<object>): unknown {
  if (typeof value === 'string') return safeText(value)
  if (typeof value === 'bigint') return String(value)
  // JSON.stringify leaves out functions and symbols: so does a document that needs care.
  if (typeof value === 'symbol' || typeof value === 'function') return undefined
  if (value instanceof String || value instanceof Number || value instanceof Boolean) {
    return plain(value.valueOf(), ancestors)
  }
  if (value === null || typeof value !== 'object') return value
  if (ancestors.has(value)) return '[circular]'
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), ancestors)
  ancestors.add(value)
  const copy = Array.isArray(value)
    ? value.map((item) => plain(item, ancestors))
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [safeText(key), plain(item, ancestors)]))
  ancestors.delete(value)
  return copy
}
