import { open } from 'node:fs/promises'
import type Sqlite from 'better-sqlite3'
import { storageError } from '../driver-errors/storage-error.ts'
import { loadSqlite } from '../engines/sqlite/drivers.ts'
import { FormatError } from '../errors.ts'

const magic = 'SQLite format 3\0'

/** Whether a file is an SQLite database. */
export async function isSqliteFile(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0)
    return buffer.toString('latin1') === magic
  } finally {
    await file.close()
  }
}

/**
 * Reads the documents in a database of selectools' or agentprobe's SQLite store, as JSON Lines, one at a time. The
 * database is opened read-only.
 *
 * @throws FormatError when it is neither; ConnectionError when it cannot be opened
 */
export async function* sqliteDocuments(path: string): AsyncGenerator<string, void, undefined> {
  const Database = await loadSqlite()
  let database: Sqlite.Database | undefined
  try {
    database = new Database(path, { readonly: true, fileMustExist: true })
    const queries = queriesFor(database)
    if (queries.length === 0) {
      throw new FormatError(
        'Found an SQLite database that is none of selectools or agentprobe (one of tracehold is copied: tracehold copy FROM TO)',
      )
    }
    for (const query of queries) {
      for (const text of database.prepare(query).pluck().iterate() as Iterable<string>) yield `${onOneLine(text)}\n`
    }
  } catch (error) {
    throw storageError(error, `read ${path}`)
  } finally {
    database?.close()
  }
}

/** Queries that return each document as one text. Stored texts are copied as they are, so that no number changes. */
function queriesFor(database: Sqlite.Database): string[] {
  const tables = database.prepare("select name from sqlite_master where type = 'table' order by name").pluck().all()
  return (tables as string[]).flatMap((table) => {
    const columns = new Set(
      (database.pragma(`table_info("${table.replaceAll('"', '""')}")`) as { name: string }[]).map(({ name }) => name),
    )
    const from = `from "${table.replaceAll('"', '""')}" where`
    if (['run_id', 'trace_json', 'created_at', 'metadata'].every((name) => columns.has(name))) {
      // A null would make the whole text null.
      return `select '{"run_id": ' || json_quote(run_id) || ', "steps": ' || coalesce(steps, 'null')
        || ', "total_ms": ' || json_quote(total_ms) || ', "created_at": ' || json_quote(created_at)
        || ', "metadata": ' || coalesce(metadata, 'null') || ', "trace": ' || trace_json || '}'
        ${from} trace_json is not null order by created_at`
    }
    return columns.has('data') ? `select data ${from} typeof(data) = 'text' order by rowid` : []
  })
}

/** Line feeds can only be between the tokens of a document. */
const onOneLine = (text: string) => text.replace(/[\r\n]+/g, ' ')
