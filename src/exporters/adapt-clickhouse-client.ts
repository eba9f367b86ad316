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

/** The settings stand in the statement: chdb would keep those of a call for all later ones of its session. */
function insertStatement({ table, columnNames, settings }: InsertCall): string {
  const given = [...Object.entries(settings), ['type_json_skip_duplicated_paths', 1] as const].map(
    ([name, value]) => `${name} = ${typeof value === 'number' ? value : `'${value.replaceAll(/[\\']/g, '\\$&')}'`}`,
  )
  // Of `{"a.b": 1, "a": {"b": 2}}` the JSON type keeps the first, where it would refuse the whole insert.
  return `INSERT INTO ${table} (${columnNames.join(', ')}) SETTINGS ${given.join(', ')} FORMAT TabSeparated`
}
