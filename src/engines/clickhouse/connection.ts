/** Settings of one statement, by their names. */
export type ClickHouseSettings = Readonly<Record<string, string | number>>

/** Bytes in the order in which they are stored. */
export type Chunks = Iterable<Buffer> | AsyncIterable<Buffer>

/** Rows as JSON: a list of values, or an object with the names of the columns. */
export type LineFormat = 'JSONCompactEachRow' | 'JSONEachRow'

/** A server behind HTTP, or the engine in this process. What it throws is the driver's. */
export interface ClickHouseConnection {
  /**
   * Runs a statement that reads; a row for each line.
   *
   * @param end ends it, where the engine can: the one in this process goes on until its own timeout
   */
  query(text: string, params: Readonly<Record<string, unknown>>, format: LineFormat, end?: AbortSignal): Promise<string>
  /** Runs a statement that answers nothing. */
  command(text: string, params: Readonly<Record<string, unknown>>): Promise<void>
  /** Stores rows in the format Native. */
  insert(table: string, columns: readonly string[], chunks: Chunks, settings: ClickHouseSettings): Promise<void>
  /** Creates the database that the other statements work in. */
  createDatabase(clause: string): Promise<void>
  close(): Promise<void>
}

/**
 * What every statement runs with. Deletes and updates are rows of a higher version, which FINAL leaves out; joins and
 * sums of nothing give null, as they do elsewhere.
 */
export const sessionSettings = (statementTimeoutMs: number) =>
  ({
    final: 1,
    // A key decides in which partition its row is.
    do_not_merge_across_partitions_select_final: 1,
    // On a cluster a shard asks all shards for what a row must be in; the server's default refuses such a question.
    distributed_product_mode: 'global',
    join_use_nulls: 1,
    aggregate_functions_null_for_empty: 1,
    prefer_column_name_to_alias: 1,
    date_time_output_format: 'iso',
    output_format_json_quote_64bit_integers: 0,
    output_format_json_escape_forward_slashes: 0,
    session_timezone: 'UTC',
    // A filter of as many conditions as are allowed is longer than the server's default, and has more parts.
    max_query_size: 4 * 1024 * 1024,
    max_ast_elements: 500_000,
    max_execution_time: Math.ceil(statementTimeoutMs / 1000),
  }) as const satisfies ClickHouseSettings

/** A name as SQL writes it. */
export const quoteName = (name: string) => `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``

/** A text as SQL writes it. */
export const quoteText = (text: string) => `'${text.replaceAll(/[\\']/g, '\\$&')}'`

/** The head of an INSERT. */
export const insertInto = (table: string, columns: readonly string[]) =>
  `INSERT INTO ${table.split('.').map(quoteName).join('.')} (${columns.map(quoteName).join(', ')})`
