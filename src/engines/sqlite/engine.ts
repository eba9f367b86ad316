import type { Engine } from '../engine.ts'
import { loadSqlite } from './drivers.ts'
import { sqliteFiles } from './files.ts'
import type { SqlitePoolOptions } from './options.ts'
import { inMemory, parseSqliteUrl } from './url.ts'

/** SQLite, in a file or in memory. */
export const sqliteEngine: Engine<SqlitePoolOptions> = {
  schemes: ['sqlite', 'file'],
  urlForms: ['sqlite:PATH'],
  parse(url, cwd) {
    const { file, location } = parseSqliteUrl(url, cwd)
    return {
      location,
      path: file,
      drivers: ['better-sqlite3'],
      loadDrivers: loadSqlite,
      ...(file !== undefined && { files: sqliteFiles(file) }),
      async open(options) {
        const { SqlitePool } = await import('./pool.ts')
        return SqlitePool.open(file ?? inMemory, location, options)
      },
    }
  },
}
