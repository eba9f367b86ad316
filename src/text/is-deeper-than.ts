import { endOfString } from './end-of-string.ts'

const quote = 0x22
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** Whether JSON, which must be whole, has more levels of lists and objects than so many. */
export function isDeeperThan(levels: number, json: string): boolean {
  // Every row comes by here, and hardly any has so many marks that its levels must be counted.
  return json.length > 2 * levels && opensMoreThan(levels, json) && deepens(levels, json)
}

/** Whether so many marks could open levels, those in strings among them. */
function opensMoreThan(count: number, json: string): boolean {
  let found = 0
  for (const mark of '{[') {
    for (let at = json.indexOf(mark); at >= 0; at = json.indexOf(mark, at + 1)) {
      found += 1
      if (found > count) return true
    }
  }
  return false
}

function deepens(levels: number, json: string): boolean {
  let level = 0
  for (let i = 0; i < json.length; i += 1) {
    const mark = json.charCodeAt(i)
    if (mark === quote) i = endOfString(json, i) - 1
    else if (mark === openList || mark === openObject) {
      level += 1
      if (level > levels) return true
    } else if (mark === closeList || mark === closeObject) level -= 1
  }
  return false
}
