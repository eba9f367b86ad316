/**
 * Where the string of JSON that begins at `start` is over: the place after its closing quote; negative where it has none.
 * What stands in it is not looked at. No expression does this: on long strings the engine's stack for them overflows.
 */
export function endOfString(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (json[quote - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
  }
  return -1
}
