import { readdirSync } from 'node:fs'
import { sqlFiles } from './sql-files.ts'

/** The migrations of each engine by folder: the name of each file, and its text. */
export type ShippedFiles = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * The files of `drizzle/`. This is how they are found beside the sources; the build replaces this module by one that
 * holds their texts, so that a bundle needs no file.
 */
export function shippedFiles(): ShippedFiles {
  const root = new URL('../../drizzle/', import.meta.url)
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return Object.fromEntries(folders.map(({ name }) => [name, sqlFiles(new URL(`${name}/`, root))]))
}
