import { shippedMigrations } from '../../engines/migration-files.ts'
import type { Pool } from '../../engines/pool.ts'
import { type Finding, failed, many, ok } from '../finding.ts'
import type { Subject } from '../subject.ts'

const made =
  /^\s*(create|drop)\s+(?:unique\s+)?(?:virtual\s+table|trigger|index)\s+(?:if\s+(?:not\s+)?exists\s+)?(?:["`]?tracehold["`]?\.)?["`]?(\w+)["`]?/gim

/** The primary key of a table; SQLite's cannot be dropped. */
const primaryKey = /create table ("tracehold"\."\w+").*?(constraint "(\w+)" primary key\([^)]*\))/gis

/** ClickHouse's indexes are lines of their tables. */
const skipIndex = /^\s*(INDEX (\w+) .*? GRANULARITY \d+),?$/gm
const createTable = /CREATE TABLE IF NOT EXISTS (\w+)/

const existing = {
  postgres: `select relname, (indisvalid and indisready)::int from pg_index join pg_class on pg_class.oid = indexrelid
    where relnamespace = to_regnamespace('tracehold')`,
  sqlite: "select name, 1 from sqlite_master where type in ('index', 'trigger', 'table')",
  // On a cluster they are those of the tables below, whose names differ; those of indexes do not.
  clickhouse: 'select distinct name, 1 from system.data_skipping_indices where database = currentDatabase()',
} as const

/** Whether every index that the migrations made is there and usable; in SQLite the triggers of the text search as well. */
export async function checkIndexes({ pool }: Subject): Promise<Finding> {
  const expected = expectedIndexes(pool.engine)
  const found = new Map((await pool.rows(existing[pool.engine], [])) as [string, number][])
  const missing = [...expected].filter(([name]) => !found.has(name))
  if (missing.length > 0) {
    const statements = missing.map(([, statement]) => `${statement};`).join(' ')
    return failed(`missing: ${missing.map(([name]) => name).join(', ')}`, `Run as the owner: ${statements}`)
  }
  const invalid = [...found].filter(([, isValid]) => isValid === 0).map(([name]) => name)
  if (invalid.length > 0) {
    const statements = invalid.map((name) => `REINDEX INDEX CONCURRENTLY tracehold."${name}";`).join(' ')
    return failed(`not usable: ${invalid.join(', ')}`, `Run as the owner: ${statements}`)
  }
  return ok(`${many(expected.size, 'index', 'indexes')} there`)
}

/** What the migrations leave behind, by name, each with the statement that makes it. */
function expectedIndexes(engine: Pool['engine']): Map<string, string> {
  const expected = new Map<string, string>()
  for (const { statements } of shippedMigrations(engine)) {
    for (const statement of statements) {
      for (const [, verb = '', name = ''] of statement.matchAll(made)) {
        if (verb.toLowerCase() === 'create') expected.set(name, plain(statement))
        else expected.delete(name)
      }
      const [, name] = createTable.exec(statement) ?? []
      for (const [, index, indexName = ''] of engine === 'clickhouse' ? statement.matchAll(skipIndex) : []) {
        expected.set(indexName, `ALTER TABLE ${name} ADD ${index}; ALTER TABLE ${name} MATERIALIZE INDEX ${indexName}`)
      }
      for (const [, table, constraint = '', name = ''] of statement.matchAll(primaryKey)) {
        expected.set(name, plain(`ALTER TABLE ${table} ADD ${constraint}`))
      }
    }
  }
  return expected
}

/** A statement in one line, without comments. */
const plain = (statement: string) =>
  statement
    .replace(/^\s*--.*$/gm, '')
    .replace(/\s+/g, ' ')
    .replace(/;\s*$/, '')
    .trim()
