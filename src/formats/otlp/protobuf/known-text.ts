/** Texts of more bytes seldom come again. */
export const longestKnown = 48
/** How many texts are remembered; a power of 2. At most some 100 kB. */
const slots = 2048

const known: string[] = new Array(slots).fill('')

/**
 * The UTF-8 text of some bytes. Names of attributes, models and services come again with every span: the string that
 * was made before is found by comparing bytes, which costs less than to make it anew and to look it up as a name.
 */
export function knownText(bytes: Uint8Array, begin: number, end: number): string {
  let hash = end - begin
  for (let i = begin; i < end; i += 1) {
    const byte = bytes[i] as number
    if (byte > 127) return decoded(bytes, begin, end)
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  const slot = (hash ^ (hash >>> 15)) & (slots - 1)
  const before = known[slot] as string
  if (isSame(before, bytes, begin, end)) return before
  const text = decoded(bytes, begin, end)
  known[slot] = text
  return text
}

function isSame(text: string, bytes: Uint8Array, begin: number, end: number): boolean {
  if (text.length !== end - begin) return false
  for (let i = begin; i < end; i += 1) if (text.charCodeAt(i - begin) !== bytes[i]) return false
  return true
}

const decoded = (bytes: Uint8Array, begin: number, end: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString('utf8')
