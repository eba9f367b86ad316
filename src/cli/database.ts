import { existsSync } from 'node:fs'
import { parseDatabaseUrl } from '../config/url.ts'
import { ConfigError, MigrationError } from '../errors.ts'
import { Migrator } from '../migrations/migrator.ts'
import { openPool } from '../pool/open-pool.ts'
import type { Pool } from '../pool/pool.ts'
import { defaultUrl, Store } from '../store.ts'
import { CommandError } from './command-error.ts'
import type { GlobalOptions } from './options.ts'
import { note } from './output.ts'

/** Which database a command works on, and what named it. */
export interface Choice {
  readonly url: string
  readonly source: '--db' | 'TRACEHOLD_URL' | 'DATABASE_URL' | 'the default'
}

/** The database that the option names, else the environment, else the default file. */
export function chooseDatabase(db: string | undefined): Choice {
  if (db !== undefined) return { url: db, source: '--db' }
  for (const source of ['TRACEHOLD_URL', 'DATABASE_URL'] as const) {
    const url = process.env[source]
    if (url) return { url, source }
  }
  return { url: defaultUrl, source: 'the default' }
}

/** The choice's target; an error in a URL that nobody typed says where it came from. */
export function targetOf({ url, source }: Choice) {
  try {
    return parseDatabaseUrl(url)
  } catch (error) {
    if (!(error instanceof ConfigError) || source === '--db') throw error
    throw new CommandError(error.message, {
      nextStep: `The URL comes from ${source}; --db wins over it.`,
      cause: error,
    })
  }
}

/** Whether the choice is an SQLite file that is not there yet. */
export function isMissing(choice: Choice): boolean {
  const target = targetOf(choice)
  return target.engine === 'sqlite' && target.path !== ':memory:' && !existsSync(target.path)
}

/** Runs `work` with a pool on the chosen database. */
export async function withPool<T>({ db }: GlobalOptions, work: (pool: Pool) => Promise<T>): Promise<T> {
  const choice = chooseDatabase(db)
  targetOf(choice)
  const pool = await openPool({ url: choice.url })
  try {
    return await work(pool)
  } finally {
    await pool.close()
  }
}

/** The same, but a database that is not there is an error, and is not made. */
export function withExistingPool<T>(options: GlobalOptions, work: (pool: Pool) => Promise<T>): Promise<T> {
  const choice = chooseDatabase(options.db)
  if (!isMissing(choice)) return withPool(options, work)
  throw new CommandError(`There is no database at ${targetOf(choice).location}.`, { nextStep: importFirst })
}

const importFirst = 'Import traces first: tracehold import FILE'

/** Runs `work` with a store to read from. */
export function withStore<T>(options: GlobalOptions, work: (store: Store) => Promise<T>): Promise<T> {
  return withExistingPool(options, async (pool) => {
    const { current, latest } = await new Migrator(pool).status()
    if (current === 0) {
      const nextStep = `${importFirst} (or adopt tables of an app's own migrations: tracehold migrate --baseline)`
      throw new CommandError(`${pool.location} has no schema of tracehold yet.`, { nextStep })
    }
    checkCurrent(pool, current, latest)
    return useStore(pool, options, work)
  })
}

/** Runs `work` with a store to write to. An empty database gets its tables first. */
export function withWritableStore<T>(options: GlobalOptions, work: (store: Store) => Promise<T>): Promise<T> {
  return withPool(options, async (pool) => {
    const migrator = new Migrator(pool)
    const { current, latest } = await migrator.status()
    if (current === 0) {
      const { to } = await migrator.migrate()
      note(`Made the tables in ${pool.location} (schema version ${to}).`)
    } else {
      checkCurrent(pool, current, latest)
    }
    return useStore(pool, options, work)
  })
}

function checkCurrent(pool: Pool, current: number, latest: number): void {
  if (current === latest) return
  throw new MigrationError(
    `The schema of ${pool.location} is at version ${current} and this package needs ${latest}. Run: tracehold migrate`,
  )
}

async function useStore<T>(pool: Pool, { project }: GlobalOptions, work: (store: Store) => Promise<T>): Promise<T> {
  const store = new Store(pool, { projectId: project })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
