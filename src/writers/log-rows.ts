import type { Json } from '../../schema/values.ts'
import { type AcceptedRow, columnIndex, type Value } from '../rows/accepted-row.ts'
import type { LogRecord } from '../rows/records.ts'
import { safeText } from '../text/safe-json.ts'
import { searchTextOf } from '../text/search-text.ts'

const bodyIndex = columnIndex('logs', 'body')
const textIndex = columnIndex('logs', 'bodyText')
const searchIndex = columnIndex('logs', 'searchText')

/** A log record with its text. A body that is text is kept in `bodyText` alone. */
export function withBodyText(row: AcceptedRow, { body, attributeTypes }: LogRecord): AcceptedRow {
  row.values[searchIndex] = null
  if (body === undefined || body === null) return row
  const isText = typeof body === 'string' && attributeTypes?.['/body'] === undefined
  const values: Value[] = row.values
  const stored = values[bodyIndex] as string
  const text = isText ? safeText(body) : textsOf(JSON.parse(stored) as Json)
  const searched = text === null ? null : searchTextOf(text)
  values[textIndex] = text
  values[searchIndex] = searched
  if (isText) values[bodyIndex] = null
  return { values, bytes: row.bytes + (text?.length ?? 0) + (searched?.length ?? 0) - (isText ? stored.length : 0) }
}

/** All texts of a document, joined; null where there are none. */
function textsOf(document: Json): string | null {
  const texts: string[] = []
  const visit = (value: Json): void => {
    if (typeof value === 'string') texts.push(value)
    else if (value !== null && typeof value === 'object') for (const part of Object.values(value)) visit(part)
  }
  if (typeof document === 'object') visit(document)
  return texts.length > 0 ? texts.join(' ') : null
}
