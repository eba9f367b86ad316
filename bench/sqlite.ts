import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { spans as spansTable } from '../schema/sqlite.ts'
import { microsFromIso } from '../schema/time.ts'
import { columnList } from '../src/engines/upsert.ts'
import { openStore } from '../src/index.ts'
import { columnSpecs } from '../src/rows/accepted-row.ts'
import type { Bench } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { comparison } from './report.ts'
import { chunked, parsedSpans, type WholeRow, wholeRows } from './rows.ts'

/** SQLite takes 32 766 parameters: drizzle gets no thousand spans into one statement. */
const drizzleRowsAtOnce = 500

/** Large writes into SQLite. */
export const sqliteBench: Bench = {
  name: 'sqlite',
  about: 'large writes into SQLite, against a bare better-sqlite3 loop and drizzle insert',
  async run(options) {
    const spans = parsedSpans(options.rows)
    const rows = wholeRows(spans)
    const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
    const file = join(directory, 'bench.db')
    try {
      const onFreshFile = (part: Pick<Contender, 'id' | 'about'>, write: Write): Contender => {
        let opened: Opened | undefined
        return {
          ...part,
          rows: spans.length,
          async prepare() {
            await Promise.all(['', '-wal', '-shm'].map((suffix) => rm(file + suffix, { force: true })))
            await (await openStore(`sqlite:${file}`, { migrate: true })).close()
            opened = await write.open(file)
          },
          run: async () => void (await opened?.run()),
          async verify() {
            await opened?.close()
            expectRows(file, spans.length)
          },
        }
      }
      const measured = await interleave(
        [
          onFreshFile({ id: 'sqlite', about: 'bulk(), everything' }, { open: (path) => everything(path, spans) }),
          ...[1_000, 10_000].map((size) =>
            onFreshFile(
              { id: `bare-${size}`, about: `bare prepared loop, ${size} a transaction, no trace rows` },
              { open: async (path) => bareLoop(path, chunked(rows, size)) },
            ),
          ),
          onFreshFile(
            {
              id: 'drizzle-sqlite',
              about: `drizzle insert, ${drizzleRowsAtOnce} a batch and transaction, no trace rows`,
            },
            { open: async (path) => drizzleInserts(path, chunked(rows, drizzleRowsAtOnce)) },
          ),
        ],
        options,
      )
      return [comparison('Spans into SQLite', measured, ['bare-1000', 'bare-10000', 'drizzle-sqlite'])]
    } finally {
      await rm(directory, { recursive: true })
    }
  },
}

interface Opened {
  run(): Promise<unknown> | unknown
  close(): Promise<void> | void
}

interface Write {
  open(path: string): Promise<Opened>
}

async function everything(path: string, spans: ReturnType<typeof parsedSpans>): Promise<Opened> {
  const store = await openStore(`sqlite:${path}`)
  return { run: () => store.writers.spans.bulk(spans), close: () => store.close() }
}

/** The settings of our own writer, so that only the way differs. */
function openFile(path: string): Database.Database {
  const database = new Database(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = normal', 'wal_autocheckpoint = 16384'])
    database.pragma(pragma)
  return database
}

/** What somebody would write by hand who knows better-sqlite3: one prepared statement, values by position. */
function bareLoop(path: string, batches: readonly WholeRow[][]): Opened {
  const database = openFile(path)
  const marks = columnSpecs.spans.map(() => '?').join(',')
  const insert = database.prepare(`insert into ${getTableName(spansTable)} (${columnList('spans')}) values (${marks})`)
  const columns = columnSpecs.spans.map(({ key, type }) => ({ key, encode: encoders[type] }))
  const values = (row: Record<string, unknown>) =>
    columns.map(({ key, encode }) => {
      const value = row[key]
      return value === undefined || value === null ? null : encode ? encode(value) : value
    })
  const writeBatch = database.transaction((batch: readonly WholeRow[]) => {
    for (const row of batch) insert.run(values(row as unknown as Record<string, unknown>))
  })
  return {
    run() {
      for (const batch of batches) writeBatch.immediate(batch)
    },
    close: () => void database.close(),
  }
}

const encoders: Partial<Record<string, (value: unknown) => unknown>> = {
  json: (value) => JSON.stringify(value),
  timestamp: (value) => microsFromIso(value as string),
  bool: Number,
}

function drizzleInserts(path: string, batches: readonly WholeRow[][]): Opened {
  const database = openFile(path)
  const db = drizzle(database)
  return {
    run() {
      for (const batch of batches) db.insert(spansTable).values(batch).run()
    },
    close: () => void database.close(),
  }
}

function expectRows(path: string, expected: number): void {
  const database = new Database(path, { readonly: true })
  const found = database
    .prepare(`select count(*) from ${getTableName(spansTable)}`)
    .pluck()
    .get()
  database.close()
  if (found !== expected) throw new Error(`Expected ${expected} spans, found ${found}.`)
}
