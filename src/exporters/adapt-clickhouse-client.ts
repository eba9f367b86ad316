import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import type { ClickHouseRecordClient, InsertCall } from './clickhouse-client.ts'
import { tabSeparated } from './tab-separated.ts'

/**
 * A client of `@clickhouse/client`, also one on `createChdbConnection`, as the record exporter uses it.
 *
 * @example
 * const client = adaptClickHouseClient(createClient({ url: 'http://ch.example:8123' }))
 * const exporter = new ClickHouseExporter({ client })
 */
export function adaptClickHouseClient(
  client: Pick<ClickHouseClient, 'exec' | 'command' | 'close'>,
): ClickHouseRecordClient {
  return {
    async insert(call) {
      const values = Readable.from([tabSeparated(call.rows)], { objectMode: false })
      const { stream } = await client.exec({ query: insertStatement(call), values })
      // The connection is free for the next call when the answer is read.
      for await (const _ of stream);
    },
    command: (query) => client.command({ query }),
    close: () => client.close(),
  }
}

/** What the JSON type must know to store what a record says. */
const jsonSettings = {
  // Of `{"a.b": 1, "a": {"b": 2}}` it keeps the first, where it would refuse the whole insert.
  type_json_skip_duplicated_paths: 1,
  // A text that looks like a date stays that text, where it would become the same instant in other words.
  input_format_try_infer_dates: 0,
  input_format_try_infer_datetimes: 0,
}

/** The settings stand in the statement: chdb would keep those of a call for all later ones of its session. */
function insertStatement({ table, columnNames, settings }: InsertCall): string {
  const given = Object.entries<string | number>({ ...settings, ...jsonSettings }).map(
    ([name, value]) => `${name} = ${typeof value === 'number' ? value : `'${value.replaceAll(/[\\']/g, '\\$&')}'`}`,
  )
  return `INSERT INTO ${table} (${columnNames.join(', ')}) SETTINGS ${given.join(', ')} FORMAT TabSeparated`
}
