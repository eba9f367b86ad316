import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { Target } from '../engines/database-url.ts'
import type { Pool } from '../engines/pool.ts'
import { type ConfigError, MigrationError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { WriterOptions } from '../writers/options.ts'
import { CommandError } from './command-error.ts'
import type { CommandIo } from './io.ts'
import type { GlobalOptions } from './options.ts'

// Most of the library is needed only to open a database. It is imported where that happens, so that help and a wrong
// call answer without it.

/** The database that a command works on, and the rest of its configuration. */
interface Choice {
  readonly target: Target
  readonly config: Config
}

/**
 * The database of the option, else of the configuration, else the default file.
 *
 * @throws CommandError or ConfigError for a configuration that cannot be used
 */
async function chooseDatabase(io: CommandIo, { db, config: file }: GlobalOptions): Promise<Choice> {
  const { readConfig } = await import('../config/load-config.ts')
  const { parseDatabaseUrl } = await import('../engines/database-url.ts')
  const { config, entries, error } = readConfig({ url: db }, { file, env: io.env, cwd: io.cwd })
  if (error && db === undefined) {
    throw configFault(error, entries.find(({ setting }) => setting.key === 'url')?.source ?? 'default')
  }
  const target = parseDatabaseUrl(db ?? config.url, io.cwd)
  if (error) throw error
  return { target, config }
}

/** The database of a command that does not open it; a relative path in its URL starts from the command's folder. */
export async function chosenTarget(io: CommandIo, options: GlobalOptions): Promise<{ url: string; location: string }> {
  const { target, config } = await chooseDatabase(io, options)
  return { url: options.db ?? config.url, location: target.location }
}

/** An error in a URL that was not given as an option names the source of the URL. */
function configFault(cause: ConfigError, source: string): CommandError {
  const name = source === 'default' ? 'the default' : source.replace(/ \(environment\)$/, '')
  return new CommandError(cause.message, {
    nextStep: cause.faults.some(({ field }) => field.startsWith(name))
      ? `The URL comes from ${name}; --db wins over it.`
      : 'See what is configured, and by whom: tracehold config print',
    cause,
  })
}

/** Runs `work` with a pool on the chosen database. */
export async function withPool<T>(
  io: CommandIo,
  options: GlobalOptions,
  work: (pool: Pool, config: Config) => Promise<T>,
): Promise<T> {
  return usePool(io, await chooseDatabase(io, options), work)
}

/** As `withPool`, but a missing file or folder is an error and is not created. */
export async function withExistingPool<T>(
  io: CommandIo,
  options: GlobalOptions,
  work: (pool: Pool, config: Config) => Promise<T>,
): Promise<T> {
  const choice = await chooseDatabase(io, options)
  const { path, location } = choice.target
  if (path === undefined || existsSync(path)) return usePool(io, choice, work)
  throw new CommandError(`There is no database at ${location}.`, { nextStep: importFirst })
}

const importFirst = 'Import traces first: tracehold import FILE'

/** Runs `work` with a store that reads. With `live` it gets notices of other processes' writes through Redis. */
export function withStore<T>(
  io: CommandIo,
  options: GlobalOptions,
  work: (store: Store) => Promise<T>,
  { live = false }: { live?: boolean } = {},
): Promise<T> {
  return withExistingPool(io, options, async (pool, config) => {
    const { Migrator } = await import('../migrations/migrator.ts')
    const { current, latest } = await new Migrator(pool).status()
    if (current === 0) {
      const nextStep = `${importFirst} (or adopt tables of an app's own migrations: tracehold migrate --baseline)`
      throw new CommandError(`${pool.location} has no schema of tracehold yet.`, { nextStep })
    }
    checkCurrent(pool, current, latest)
    return useStore(pool, config, options, work, live ? config.redis : undefined)
  })
}

/**
 * Runs `work` with a store that writes. An empty database gets its tables first.
 *
 * @param writers options beside those that are configured
 */
export function withWritableStore<T>(
  io: CommandIo,
  options: GlobalOptions,
  work: (store: Store, config: Config) => Promise<T>,
  writers: WriterOptions = {},
): Promise<T> {
  return withPool(io, options, async (pool, config) => {
    const { Migrator } = await import('../migrations/migrator.ts')
    const migrator = new Migrator(pool)
    const { current, latest } = await migrator.status()
    if (current === 0) {
      const { to } = await migrator.migrate()
      io.note(`Made the tables in ${pool.location} (schema version ${to}).`)
    } else {
      checkCurrent(pool, current, latest)
    }
    // With Redis, the caches and subscriptions of other processes learn of the writes.
    const settings = { ...config, writers: { ...config.writers, ...writers } }
    return useStore(pool, settings, options, (store) => work(store, config), config.redis)
  })
}

function checkCurrent(pool: Pool, current: number, latest: number): void {
  if (current === latest) return
  throw new MigrationError(
    `The schema of ${pool.location} is at version ${current} and this package needs ${latest}. Run: tracehold migrate`,
  )
}

async function usePool<T>(
  { cwd }: CommandIo,
  { config }: Choice,
  work: (pool: Pool, config: Config) => Promise<T>,
): Promise<T> {
  const { openPool } = await import('../engines/open-pool.ts')
  const pool = await openPool({ ...config, cwd })
  try {
    return await work(pool, config)
  } finally {
    await pool.close()
  }
}

async function useStore<T>(
  pool: Pool,
  { projectId, writers }: { projectId: string; writers: WriterOptions },
  { project = projectId }: GlobalOptions,
  work: (store: Store) => Promise<T>,
  redis: Config['redis'],
): Promise<T> {
  const { Store } = await import('../store/store.ts')
  const { StoreServices } = await import('../store/store-services.ts')
  const services = await StoreServices.open(pool, { redis })
  const store = new Store(pool, { projectId: project, writers }, undefined, services)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
