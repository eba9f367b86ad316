/** Text and JSON that every engine can hold. */

const replacement = '\ufffd'

/** Counts the texts that had to be changed. */
export interface ReplacedTexts {
  replacedTexts: number
}

/** `text` with NUL characters and lone surrogates replaced by U+FFFD; the same string when it has none. */
export function safeText(text: string, counts?: ReplacedTexts): string {
  if (text.isWellFormed() && !text.includes('\0')) return text
  if (counts) counts.replacedTexts += 1
  return text.toWellFormed().replaceAll('\0', replacement)
}

/**
 * `value` as JSON text that every engine can hold. What JSON has no form for (big integers, cycles) becomes
 * a string.
 *
 * @throws RangeError when the value is nested too deeply to be walked
 */
export function safeJson(value: unknown, counts?: ReplacedTexts): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    return careful(value, counts)
  }
  if (text === undefined) return careful(value, counts)
  // Hardly any text has such an escape, and one search finds out.
  if (text.includes('\\u') && (text.includes('\\u0000') || text.includes('\\ud'))) return careful(value, counts)
  return text
}

function careful(value: unknown, counts: ReplacedTexts | undefined): string {
  return JSON.stringify(plain(value, new Set(), counts)) ?? 'null'
}

function plain(value: unknown, ancestors: Set<object>, counts: ReplacedTexts | undefined): unknown {
  if (typeof value === 'string') return safeText(value, counts)
  if (typeof value === 'bigint') return String(value)
  // JSON.stringify leaves out functions and symbols: so does this.
  if (typeof value === 'symbol' || typeof value === 'function') return undefined
  if (value instanceof String || value instanceof Number || value instanceof Boolean) {
    return plain(value.valueOf(), ancestors, counts)
  }
  if (value === null || typeof value !== 'object') return value
  if (ancestors.has(value)) return '[circular]'
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), ancestors, counts)
  ancestors.add(value)
  const copy = Array.isArray(value)
    ? value.map((item) => plain(item, ancestors, counts))
    : Object.fromEntries(
        Object.entries(value).map(([key, item]) => [safeText(key, counts), plain(item, ancestors, counts)]),
      )
  ancestors.delete(value)
  return copy
}
