import type { LogRow, Tables } from '../../schema/tables.ts'
import { columnsWithout, internalLogColumns } from './columns.ts'

const heavyColumns = ['attributeTypes', 'droppedAttributesCount', 'resource', 'scope'] as const

/** A log record as it is stored. Its `body` is the text or the document that it came with. */
export type Log = Omit<LogRow, (typeof internalLogColumns)[number]>

/** A log record as lists show it: without resource and scope. */
export type LogSummary = Omit<Log, (typeof heavyColumns)[number]>

/** The columns of a log record. */
export const logColumns = ({ logs }: Tables) => columnsWithout(logs, ...internalLogColumns)

/** The columns of a log record as lists show it. */
export const logSummaryColumns = ({ logs }: Tables) => columnsWithout(logs, ...internalLogColumns, ...heavyColumns)

/** A log record with its body: a body of text is stored as `bodyText` alone. */
export function withBody<R extends Pick<Log, 'body' | 'bodyText'>>(row: R): R {
  return row.body === null && row.bodyText !== null ? { ...row, body: row.bodyText } : row
}
