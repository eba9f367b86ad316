import { ConfigError, type StorageError } from '../errors.ts'
import type { ClickHouseRecordClient } from './clickhouse-client.ts'
import { checkedMembers, defaultRecordTable } from './columns.ts'

/**
 * How records are exported. What is left out comes from `TRACEHOLD_CLICKHOUSE_…`, then `FORGESIGHT_CLICKHOUSE_…`, then
 * the default. A variable that is empty counts as left out.
 */
export interface ClickHouseExporterOptions {
  /**
   * `clickhouse://USER:PASSWORD@HOST:PORT/DATABASE` (with TLS: `clickhouses://`, or `?secure=true`), `http(s)://…`, or
   * `chdb:PATH` for the engine in this process. Needed unless there is a client. From `…_DSN`.
   */
  dsn?: string | undefined
  /** The table, `name` or `database.name`. From `…_TABLE`. @default 'agentforge_records' */
  table?: string | undefined
  /** Rows of an INSERT, 1 or more; at most `maxExportBatchSize`. From `…_BATCH_SIZE`. @default 512 */
  batchSize?: number | undefined
  /** Rows that the pipeline in front hands over at most, 1 or more. @default 512 */
  maxExportBatchSize?: number | undefined
  /** Let the server gather rows of several inserts. From `…_ASYNC_INSERT`. @default true */
  asyncInsert?: boolean | undefined
  /**
   * Wait until gathered rows are stored. Without it `SUCCESS` says that the server has the rows in memory, and what it
   * then refuses is lost without a word. From `…_WAIT_ASYNC`. @default false
   */
  waitForAsyncInsert?: boolean | undefined
  /** Make the table at the first export where it is missing. From `…_CREATE_TABLE`. @default false */
  createTable?: boolean | undefined
  /** Keep prompts, answers, arguments and results in the metadata. From `…_CAPTURE_CONTENT`. @default false */
  captureContent?: boolean | undefined
  /** Write the span's id and its parent's to two more columns, behind the 26. From `…_SPAN_COLUMNS`. @default false */
  spanColumns?: boolean | undefined
  /**
   * Members of the metadata that the table made by `createTable` keeps as text, since questions group by them
   * (`createRecordTable`). From `…_TEXT_MEMBERS`, with commas between them. @default none
   */
  textMembers?: readonly string[] | undefined
  /** The client to use instead of one that connects to `dsn`. `shutdown` closes it. */
  client?: ClickHouseRecordClient | undefined
  /** Called when an export fails. @default a process warning for the first failure after a success */
  onError?: ((error: StorageError) => void) | undefined
}

type Filled = Omit<ClickHouseExporterOptions, 'dsn' | 'client' | 'onError' | 'maxExportBatchSize'>

/** Options with nothing left out. */
export type ExporterSettings = Readonly<{ [K in keyof Filled]-?: NonNullable<Filled[K]> }> & {
  readonly dsn: string | undefined
}

const defaults = {
  table: defaultRecordTable,
  batchSize: 512,
  maxExportBatchSize: 512,
  asyncInsert: true,
  waitForAsyncInsert: false,
  createTable: false,
  captureContent: false,
  spanColumns: false,
  textMembers: [],
} as const satisfies ClickHouseExporterOptions

/** `NAME` or `DATABASE.NAME`. */
export const tableName = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/

/**
 * Fills in what is left out and checks what is there.
 *
 * @throws ConfigError for what cannot be used; its message names the option or the variable, and never a password
 */
export function exporterSettings(options: ClickHouseExporterOptions, env: NodeJS.ProcessEnv): ExporterSettings {
  const dsn = options.dsn ?? variable(env, 'DSN')?.value
  if (!options.client && !dsn) {
    throw new ConfigError(
      'The ClickHouse exporter needs a dsn, or TRACEHOLD_CLICKHOUSE_DSN: clickhouse://USER:PASSWORD@HOST:8123/DATABASE',
    )
  }
  const table = options.table ?? variable(env, 'TABLE')?.value ?? defaults.table
  if (!tableName.test(table)) {
    throw new ConfigError(
      'The table of the ClickHouse exporter must be NAME or DATABASE.NAME, of letters, digits and underscores.',
    )
  }
  const flag = (name: string, given: boolean | undefined, otherwise: boolean) =>
    given ?? flagOf(variable(env, name)?.value) ?? otherwise
  return {
    dsn,
    table,
    batchSize: batchSizeOf(options, env),
    asyncInsert: flag('ASYNC_INSERT', options.asyncInsert, defaults.asyncInsert),
    waitForAsyncInsert: flag('WAIT_ASYNC', options.waitForAsyncInsert, defaults.waitForAsyncInsert),
    createTable: flag('CREATE_TABLE', options.createTable, defaults.createTable),
    captureContent: flag('CAPTURE_CONTENT', options.captureContent, defaults.captureContent),
    spanColumns: flag('SPAN_COLUMNS', options.spanColumns, defaults.spanColumns),
    textMembers: checkedMembers(
      options.textMembers ?? listOf(variable(env, 'TEXT_MEMBERS')?.value) ?? defaults.textMembers,
    ),
  }
}

function batchSizeOf({ batchSize, maxExportBatchSize }: ClickHouseExporterOptions, env: NodeJS.ProcessEnv): number {
  const most = atLeastOne('maxExportBatchSize', maxExportBatchSize ?? defaults.maxExportBatchSize)
  const given = variable(env, 'BATCH_SIZE')
  const size =
    batchSize !== undefined || given === undefined
      ? atLeastOne('batchSize', batchSize ?? Math.min(defaults.batchSize, most))
      : atLeastOne(given.name, /^\s*\d+\s*$/.test(given.value) ? Number(given.value) : Number.NaN)
  if (size <= most) return size
  process.emitWarning(
    `The ClickHouse exporter's batchSize ${size} is more than maxExportBatchSize; ${most} is used.`,
    'TraceholdWarning',
  )
  return most
}

function atLeastOne(what: string, size: number): number {
  if (Number.isSafeInteger(size) && size >= 1) return size
  throw new ConfigError(`${what} of the ClickHouse exporter must be a whole number, 1 or more.`)
}

/** 1, true, yes and on in any case; everything else is no. */
export const flagOf = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : /^\s*(1|true|yes|on)\s*$/i.test(text)

/** The parts between commas. */
export const listOf = (text: string | undefined): string[] | undefined =>
  text
    ?.split(',')
    .map((item) => item.trim())
    .filter(Boolean)

function variable(env: NodeJS.ProcessEnv, name: string): { name: string; value: string } | undefined {
  for (const prefix of ['TRACEHOLD', 'FORGESIGHT']) {
    const key = `${prefix}_CLICKHOUSE_${name}`
    const value = env[key]
    if (value) return { name: key, value }
  }
  return undefined
}
