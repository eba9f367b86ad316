import { setMaxListeners } from 'node:events'
import { Readable } from 'node:stream'
import type { ClickHouseClient, createClient } from '@clickhouse/client'
import { ConfigError } from '../../errors.ts'
import {
  type Chunks,
  type ClickHouseConnection,
  type ClickHouseSettings,
  insertInto,
  type LineFormat,
  quoteName,
} from './connection.ts'

/** How a server is reached. */
export interface HttpOptions {
  /** `http://USER:PASSWORD@HOST:PORT`, without a database. */
  readonly url: string
  readonly database: string
  readonly maxConnections: number
  /** After this a call is given up, in milliseconds. */
  readonly requestTimeoutMs: number
  readonly applicationName: string
  readonly compression: 'none' | 'gzip'
  readonly settings: ClickHouseSettings
}

const find = 'SELECT 1 FROM system.databases WHERE name = {name:String}'
const format = 'JSONCompactEachRow'

/** A ClickHouse server, over its HTTP interface. */
export class HttpConnection implements ClickHouseConnection {
  readonly #client: ClickHouseClient
  readonly #withoutDatabase: () => ClickHouseClient
  readonly #database: string
  /** Ends calls that run or wait for a socket when the connection closes: the client opens new sockets for the latter. */
  readonly #over = new AbortController()

  /** @throws ConfigError for a URL with parameters that the client does not know */
  constructor(create: typeof createClient, options: HttpOptions) {
    this.#database = options.database
    setMaxListeners(0, this.#over.signal)
    this.#client = open(create, options, options.database)
    this.#withoutDatabase = () => open(create, options, 'default')
  }

  async query(
    text: string,
    query_params: Readonly<Record<string, unknown>>,
    format: LineFormat,
    end?: AbortSignal,
  ): Promise<string> {
    const abort_signal = end ? AbortSignal.any([end, this.#over.signal]) : this.#over.signal
    return ofServer(async () => {
      const result = await this.#client.query({ query: text, query_params, format, abort_signal })
      return result.text()
    })
  }

  async command(text: string, query_params: Readonly<Record<string, unknown>>): Promise<void> {
    await ofServer(() => this.#client.command({ query: text, query_params, abort_signal: this.#over.signal }))
  }

  async insert(
    table: string,
    columns: readonly string[],
    chunks: Chunks,
    clickhouse_settings: ClickHouseSettings,
  ): Promise<void> {
    const query = `${insertInto(table, columns)} FORMAT Native`
    const values = Readable.from(chunks, { objectMode: false })
    await ofServer(async () => {
      const { stream } = await this.#client.exec({
        query,
        values,
        clickhouse_settings,
        abort_signal: this.#over.signal,
      })
      // The reply comes when the rows are stored; only what is read to its end leaves the connection usable.
      for await (const _ of stream);
    })
  }

  async createDatabase(clause: string): Promise<void> {
    const client = this.#withoutDatabase()
    try {
      // To create one takes a right, even where it is there.
      const known = await ofServer(() => client.query({ query: find, query_params: { name: this.#database }, format }))
      if ((await known.text()).trim() !== '') return
      await ofServer(() =>
        client.command({ query: `CREATE DATABASE IF NOT EXISTS ${quoteName(this.#database)} ${clause}` }),
      )
    } finally {
      await client.close()
    }
  }

  close(): Promise<void> {
    this.#over.abort()
    return this.#client.close()
  }
}

function open(create: typeof createClient, options: HttpOptions, database: string): ClickHouseClient {
  const isCompressed = options.compression === 'gzip'
  try {
    return create({
      url: options.url,
      database,
      application: options.applicationName,
      request_timeout: options.requestTimeoutMs,
      max_open_connections: options.maxConnections,
      compression: { request: isCompressed, response: isCompressed },
      use_multipart_params_auto: true,
      // Its log shows statements with their parameters. 127: nothing.
      log: { level: 127 },
      clickhouse_settings: {
        ...options.settings,
        // An error after the first rows becomes an error of the call, and not the end of its answer.
        wait_end_of_query: 1,
        cancel_http_readonly_queries_on_client_close: 1,
      },
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(options.url, '…') : 'unknown'
    throw new ConfigError(`The ClickHouse URL cannot be used: ${reason}`)
  }
}

/** Marks what the server did not say itself: the client passes on a proxy's page as the text of an error. */
async function ofServer<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const isKnown = error instanceof Error && ('code' in error || error.message === timeout)
    throw isKnown ? error : Object.assign(new Error(foreign), { code: 'CLICKHOUSE_REPLY' })
  }
}

const timeout = 'Timeout error.'
const foreign = 'the answer is not that of a ClickHouse server; a proxy, or another server, may have given it'
