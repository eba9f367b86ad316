import type { RecordCell, RecordRow } from './record-row.ts'

/**
 * Rows in ClickHouse's format TabSeparated. It takes JSON as it is, where the JSON formats want it parsed, and a time as
 * seconds with nine decimals, which mean the same in every time zone.
 */
export const tabSeparated = (rows: readonly RecordRow[]): string =>
  rows.map((row) => `${row.map(cellText).join('\t')}\n`).join('')

function cellText(cell: RecordCell): string {
  if (cell === null) return '\\N'
  if (typeof cell === 'string') return cell.replace(/[\\\t\n\r\0]/g, (character) => escapes[character] ?? '')
  return typeof cell === 'bigint' ? seconds(cell) : String(cell)
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' }

/** Ten digits before the point, or ClickHouse takes the number for a year. */
function seconds(nanos: bigint): string {
  const digits = String(nanos).padStart(19, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`
}
