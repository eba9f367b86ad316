import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ClickHouseClient, createClient } from '@clickhouse/client'
import type { createChdbConnection } from 'chdb/connection'
import {
  type Chunks,
  type ClickHouseConnection,
  type ClickHouseSettings,
  insertInto,
  type LineFormat,
  quoteName,
  quoteText,
} from './clickhouse-connection.ts'

type SessionConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

/** What the two packages give. */
export interface EmbeddedDrivers {
  readonly createClient: typeof createClient
  readonly createChdbConnection: typeof createChdbConnection
}

/**
 * The engine in this process, through chdb. A process has one engine, on one directory, which lives as long as a session
 * is open on it; every connection here is a session of its own, with its own database and settings.
 */
export class EmbeddedConnection implements ClickHouseConnection {
  readonly #drivers: EmbeddedDrivers
  readonly #path: string
  readonly #database: string
  readonly #client: ClickHouseClient
  /** Batches on their way to the engine, which are as secret as its own files: beside them, and nowhere else. */
  readonly #inserts: string

  private constructor(drivers: EmbeddedDrivers, path: string, database: string) {
    this.#drivers = drivers
    this.#path = path
    this.#database = database
    this.#inserts = join(resolve(path), 'tracehold-inserts')
    this.#client = session(drivers, path)
  }

  /** Opens the directory, and creates it and the database where they are missing. */
  static async open(
    drivers: EmbeddedDrivers,
    path: string,
    database: string,
    settings: ClickHouseSettings,
  ): Promise<EmbeddedConnection> {
    mkdirSync(path, { recursive: true })
    const connection = new EmbeddedConnection(drivers, path, database)
    try {
      await connection.createDatabase('')
      await connection.#client.command({ query: `USE ${quoteName(database)}` })
      await connection.#client.command({ query: `SET ${assignments(settings)}` })
      await connection.#sweep()
      return connection
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  async query(text: string, query_params: Readonly<Record<string, unknown>>, format: LineFormat): Promise<string> {
    const result = await this.#client.query({
      query: text,
      query_params: asTexts(query_params),
      format,
    })
    return result.text()
  }

  async command(
    text: string,
    query_params: Readonly<Record<string, unknown>>,
    settings: ClickHouseSettings,
  ): Promise<void> {
    if (Object.keys(settings).length === 0) {
      await this.#client.command({ query: text, query_params: asTexts(query_params) })
      return
    }
    // The client turns settings into SET, which would hold for every later statement of the session.
    const client = session(this.#drivers, this.#path)
    try {
      await client.command({ query: `USE ${quoteName(this.#database)}` })
      await client.command({ query: `SET ${assignments(settings)}` })
      await client.command({ query: text, query_params: asTexts(query_params) })
    } finally {
      await client.close()
    }
  }

  /** Goes through a file, since the client turns a stream of bytes into text here. */
  async insert(table: string, columns: readonly string[], chunks: Chunks, settings: ClickHouseSettings): Promise<void> {
    const file = join(this.#inserts, `${randomUUID()}.bin`)
    try {
      await pipeline(chunks, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
      const into = insertInto(table, columns)
      const given = Object.keys(settings).length === 0 ? '' : ` SETTINGS ${assignments(settings)}`
      // The columns of the table tell the types.
      await this.#client.command({ query: `${into}${given} SELECT * FROM file(${quoteText(file)}, 'Native')` })
    } finally {
      await rm(file, { force: true })
    }
  }

  /** Takes away what a process left that died: the directory is this process's alone, and the files are older than it. */
  async #sweep(): Promise<void> {
    await mkdir(this.#inserts, { recursive: true, mode: 0o700 })
    const started = Date.now() - process.uptime() * 1000
    for (const name of await readdir(this.#inserts)) {
      const file = join(this.#inserts, name)
      const found = await stat(file).catch(() => undefined)
      if (found && found.mtimeMs < started) await rm(file, { force: true })
    }
  }

  async createDatabase(clause: string): Promise<void> {
    await this.#client.command({ query: `CREATE DATABASE IF NOT EXISTS ${quoteName(this.#database)} ${clause}` })
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}

function session({ createClient, createChdbConnection }: EmbeddedDrivers, path: string): ClickHouseClient {
  // The same interface, but two packages declare it, each with private members of its own.
  const connection = createChdbConnection({ path }) as unknown as SessionConnection
  return createClient({ connection, log: { level: 127 } })
}

const assignments = (settings: ClickHouseSettings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${typeof value === 'number' ? value : quoteText(value)}`)
    .join(', ')

/** Numbers as texts: chdb refuses integers beyond 2^53 even where the parameter is a float. */
const asTexts = (params: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  )
