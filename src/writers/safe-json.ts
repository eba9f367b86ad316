/** Text and JSON that every engine can hold. */

const replacement = '\ufffd'

/** `text` with NUL characters and lone surrogates replaced; the same string when it has none. */
export function safeText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', replacement) : wellFormed
}

/**
 * `value` as JSON text that every engine can hold. What JSON has no form for (big integers, functions, cycles) becomes
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
  if (text === undefined || text.includes('\\u0000') || text.includes('\\ud')) return careful(value)
  return text
}

function careful(value: unknown): string {
  return JSON.stringify(plain(value, new Set())) ?? 'null'
}

function plain(value: unknown, ancestors: Set<object>): unknown {
  if (typeof value === 'string') return safeText(value)
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return safeText(String(value))
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
