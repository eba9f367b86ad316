import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { MigrationError } from '../errors.ts'
import { shippedFiles } from './shipped-files.ts'
import { sqlFiles } from './sql-files.ts'

/** One file of a migration folder. */
export interface Migration {
  /** 1 for the first file; the version of a schema is that of its last migration, 0 for an empty database. */
  readonly version: number
  readonly name: string
  /** Of the file's text, with line ends as git keeps them. */
  readonly sha256: string
  readonly statements: readonly string[]
}

const fileName = /^(\d+)_(.+)\.sql$/

/**
 * The migrations that this version of the package ships for an engine, oldest first.
 *
 * @param engine the engine's name: `postgres`, `sqlite` or `clickhouse`
 * @param folder another folder of the same form, as drizzle-kit writes it; ClickHouse's is written by hand
 * @throws MigrationError for an unknown engine, or when a number is missing or occurs twice
 */
export function shippedMigrations(engine: string, folder?: string): Migration[] {
  const files = folder === undefined ? shippedFiles()[engine] : existsSync(folder) ? sqlFiles(folder) : undefined
  if (!files) throw new MigrationError(`There are no migrations for the engine '${engine}'.`)
  const names = Object.keys(files)
    .filter((name) => fileName.test(name))
    .sort()
  return names.map((file, index) => {
    const [, number, name = ''] = fileName.exec(file) ?? []
    if (Number(number) !== index) {
      throw new MigrationError(
        `Migration ${file} is out of order: number ${String(index).padStart(4, '0')} was expected.`,
      )
    }
    const text = (files[file] ?? '').replaceAll('\r\n', '\n')
    const statements = text.split('--> statement-breakpoint').map((statement) => statement.trim())
    return {
      version: index + 1,
      name,
      sha256: createHash('sha256').update(text).digest('hex'),
      statements: statements.filter((statement) => statement !== ''),
    }
  })
}
