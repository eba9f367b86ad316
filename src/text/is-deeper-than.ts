import { endOfString } from './end-of-string.ts'

const quote = 0x22
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** Whether valid JSON has more levels of lists and objects than `levels`. */
export function isDeeperThan(levels: number, json: string): boolean {
  // Every row is checked, and hardly any has enough brackets to count its levels.
  return json.length > 2 * levels && opensMoreThan(levels, json) && deepens(levels, json)
}

/** Whether more than `count` brackets could open levels; those in strings count too. */
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
