/**
 * The index after the closing quote of the JSON string that begins at `start`; -1 where it does not end. The content is
 * not checked. A regular expression would overflow its stack on long strings.
 */
export function endOfString(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (json[quote - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
  }
  return -1
}
