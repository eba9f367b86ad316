import { isObject } from '../formats/shape-error.ts'

/** The lists of a request that hold resources, scopes, records and points, in every spelling that is read. */
const lists = new Set(
  ['Spans', 'Logs', 'Metrics']
    .flatMap((of) => [`resource${of}`, `scope${of}`, `instrumentationLibrary${of}`, of.toLowerCase()])
    .concat('logRecords', 'dataPoints')
    .flatMap((name) => [name, name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]),
)

/** How many resources, scopes, records and points a decoded request holds, before anything of them is read. */
export function recordCount(document: unknown): number {
  if (!isObject(document)) return 0
  let count = 0
  for (const name in document) {
    const member = document[name]
    if (Array.isArray(member)) {
      if (!lists.has(name)) continue
      count += member.length
      for (const each of member) count += recordCount(each)
    } else count += recordCount(member)
  }
  return count
}
