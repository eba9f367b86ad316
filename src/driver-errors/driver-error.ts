/** What is left of a driver's error when everything that may hold content or a secret is taken away. */
export class DriverError extends Error {
  /** SQLSTATE, SQLITE_*, CLICKHOUSE_ and a number, or a system code such as ECONNREFUSED. */
  readonly driverCode: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly constraint: string | undefined

  constructor(source: Record<string, unknown>) {
    const driverCode = isClickHouse(source) ? `CLICKHOUSE_${source.code}` : text(source.code)
    super(safeMessage(driverCode, source))
    this.name = 'DriverError'
    this.driverCode = driverCode
    if (isRaised(source)) return
    this.table = text(source.table_name) ?? text(source.table)
    this.column = text(source.column_name) ?? text(source.column)
    this.constraint = text(source.constraint_name) ?? text(source.constraint)
  }
}

/** Whether these are the fields of an error of ClickHouse, which numbers its errors and has a name for each kind. */
export const isClickHouse = ({ code, type }: Record<string, unknown>) =>
  /^\d+$/.test(String(code)) && text(type) !== undefined

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

// Data errors quote the value that they refuse, and a trigger may raise whatever it likes under a code of its own: of
// SQLSTATEs only the classes that name nothing but objects of the schema keep their message.
const sqlState = /^(?!EPIPE)[0-9A-Z]{5}$/
const namesOnlyTheSchema = /^(08|0A|25|28|2D|3D|3F|40|42|53|55|57|58)/
const quotesContent = (code: string) =>
  code === 'SQLITE_CONSTRAINT_TRIGGER' || (sqlState.test(code) && !namesOnlyTheSchema.test(code))

// ClickHouse's errors quote the statement with the values in it. These say nothing but names and numbers, up to the
// statement.
const clickhouseNames = /^CLICKHOUSE_(60|81|159|160|164|192|194|202|203|210|241|242|243|252|497|516)$/
const clickhouseStatement = /:? (In scope|While) |:? [Ii]n scope /

function clickhouseMessage(code: string, source: Record<string, unknown>): string {
  const isOwnText = /throwIf/i.test(String(source.message))
  const message =
    clickhouseNames.test(code) && !isOwnText ? text(source.message)?.split(clickhouseStatement, 1)[0] : undefined
  return message ? `${message.slice(0, 300).trim()} (${source.type})` : `refused with ${source.type}`
}

/**
 * Whether a function of the database raised it, as triggers do: message and names are its own text, under any code.
 * `where` is told in the server's language, the C file of the procedural language is not.
 */
const isRaised = ({ where, file }: Record<string, unknown>) =>
  /\bfunction\b/i.test(text(where) ?? '') || /^pl\w+\.c$/.test(text(file) ?? '')

function safeMessage(code: string | undefined, source: Record<string, unknown>): string {
  if (code !== undefined && isClickHouse(source)) return clickhouseMessage(code, source)
  if (isRaised(source)) return `refused by a function with ${code}`
  if (code !== undefined && quotesContent(code)) return `refused with ${code}`
  if (source.name === 'SyntaxError') return 'a stored document is not JSON'
  return (text(source.message) ?? 'the driver gave no message').slice(0, 500)
}
