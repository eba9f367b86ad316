import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ClickHouseClient, createClient } from '@clickhouse/client'
import type { createChdbConnection } from 'chdb/connection'
import { makeFolder } from '../../make-folder.ts'
import { LeasePool } from '../lease-pool.ts'
import {
  type Chunks,
  type ClickHouseConnection,
  type ClickHouseSettings,
  insertInto,
  type LineFormat,
  quoteName,
  quoteText,
} from './connection.ts'
import { withLiterals } from './with-literals.ts'

type SessionConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

/** What the two packages give. */
export interface EmbeddedDrivers {
  readonly createClient: typeof createClient
  readonly createChdbConnection: typeof createChdbConnection
}

/** Where the engine works, and how. */
export interface EmbeddedOptions {
  readonly path: string
  readonly database: string
  /** Statements that run at once; each keeps a thread of Node's pool while it does. */
  readonly sessions: number
  /** How long a statement waits for its turn, in milliseconds. */
  readonly waitMs: number
  readonly settings: ClickHouseSettings
}

/**
 * The engine in this process, through chdb. A process has one engine, on one directory, which lives as long as a session
 * is open on it. A session has its own database and settings, and runs one statement after the other: so there are some,
 * each lent to one statement at a time.
 */
export class EmbeddedConnection implements ClickHouseConnection {
  readonly #options: EmbeddedOptions
  readonly #sessions: readonly ClickHouseClient[]
  readonly #leases: LeasePool<ClickHouseClient>
  /** Batches on their way to the engine, which are as secret as its own files: beside them, and nowhere else. */
  readonly #inserts: string

  private constructor(drivers: EmbeddedDrivers, options: EmbeddedOptions) {
    this.#options = options
    this.#inserts = join(resolve(options.path), 'tracehold-inserts')
    this.#sessions = Array.from({ length: options.sessions }, () => session(drivers, options.path))
    this.#leases = new LeasePool(this.#sessions)
  }

  /** Opens the directory, and creates it and the database where they are missing. */
  static async open(drivers: EmbeddedDrivers, options: EmbeddedOptions): Promise<EmbeddedConnection> {
    makeFolder(options.path)
    const connection = new EmbeddedConnection(drivers, options)
    try {
      await connection.createDatabase('')
      for (const client of connection.#sessions) await connection.#prepare(client)
      await connection.#sweep()
      return connection
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  async query(text: string, query_params: Readonly<Record<string, unknown>>, format: LineFormat): Promise<string> {
    return this.#run('read', async (client) => {
      const result = await client.query({ query: text, query_params: asTexts(query_params), format })
      return result.text()
    })
  }

  async command(text: string, query_params: Readonly<Record<string, unknown>>): Promise<void> {
    const filled = withLiterals(text, query_params)
    const statement = filled === undefined ? { query: text, query_params: asTexts(query_params) } : { query: filled }
    await this.#run('change', (client) => client.command(statement))
  }

  /** Goes through a file, since the client turns a stream of bytes into text here. */
  async insert(table: string, columns: readonly string[], chunks: Chunks, settings: ClickHouseSettings): Promise<void> {
    const file = join(this.#inserts, `${randomUUID()}.bin`)
    try {
      await pipeline(chunks, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
      const into = insertInto(table, columns)
      const given = Object.keys(settings).length === 0 ? '' : ` SETTINGS ${assignments(settings)}`
      // The columns of the table give the types.
      const query = `${into}${given} SELECT * FROM file(${quoteText(file)}, 'Native')`
      await this.#run(`write to ${table}`, (client) => client.command({ query }))
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
    const query = `CREATE DATABASE IF NOT EXISTS ${quoteName(this.#options.database)} ${clause}`
    await this.#run('create the database', (client) => client.command({ query }))
  }

  async close(): Promise<void> {
    for (const client of this.#sessions) await client.close()
  }

  #run<T>(during: string, work: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    return this.#leases.run({ during, waitMs: this.#options.waitMs }, work)
  }

  async #prepare(client: ClickHouseClient): Promise<void> {
    await client.command({ query: `USE ${quoteName(this.#options.database)}` })
    await client.command({ query: `SET ${assignments(this.#options.settings)}` })
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
