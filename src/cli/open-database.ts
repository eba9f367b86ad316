import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { readConfig } from '../config/load-config.ts'
import { parseDatabaseUrl, type Target } from '../engines/database-url.ts'
import { openPool } from '../engines/open-pool.ts'
import type { Pool } from '../engines/pool.ts'
import { type ConfigError, MigrationError } from '../errors.ts'
import { Migrator } from '../migrations/migrator.ts'
import { Store } from '../store/store.ts'
import { StoreServices } from '../store/store-services.ts'
import { CommandError } from './command-error.ts'
import type { CommandIo } from './io.ts'
import type { GlobalOptions } from './options.ts'

/** Which database a command works on, what named it, and how else the command is configured. */
export interface Choice {
  readonly url: string
  /** `--db`, `TRACEHOLD_URL`, `url (tracehold.config.yaml)`, …, or `the default`. */
  readonly source: string
  /** Usable only where `fault` is undefined. */
  readonly config: Config
  /** Why the configuration cannot be used. */
  readonly fault: ConfigError | undefined
}

/** The database that the option names, else the configuration, else the default file. Throws for an unreadable file. */
export function chooseDatabase(
  io: Pick<CommandIo, 'env' | 'cwd'>,
  { db, config: file }: Pick<GlobalOptions, 'db' | 'config'>,
): Choice {
  const { config, entries, error: fault } = readConfig({ url: db }, { file, env: io.env, cwd: io.cwd })
  if (db !== undefined) return { url: db, source: '--db', config, fault }
  const { source = 'default' } = entries.find(({ setting }) => setting.key === 'url') ?? {}
  const named = source === 'default' ? 'the default' : source.replace(/ \(environment\)$/, '')
  return { url: config.url, source: named, config, fault }
}

/** The choice's target; an error in a URL that nobody typed says where it came from. */
export function targetOf({ url, source, fault }: Choice, cwd?: string): Target {
  if (source === '--db') {
    const target = parseDatabaseUrl(url, cwd)
    if (fault) throw fault
    return target
  }
  if (!fault) return parseDatabaseUrl(url, cwd)
  throw new CommandError(fault.message, {
    nextStep: fault.faults.some(({ field }) => field.startsWith(source))
      ? `The URL comes from ${source}; --db wins over it.`
      : 'See what is configured, and by whom: tracehold config print',
    cause: fault,
  })
}

/** Whether the choice is a file or a folder that is not there yet. */
export function isMissing(io: CommandIo, choice: Choice): boolean {
  const { path } = targetOf(choice, io.cwd)
  return path !== undefined && !existsSync(path)
}

/** Runs `work` with a pool on the chosen database. */
export async function withPool<T>(
  io: CommandIo,
  options: GlobalOptions,
  work: (pool: Pool, config: Config) => Promise<T>,
): Promise<T> {
  const choice = chooseDatabase(io, options)
  targetOf(choice)
  const pool = await openPool({ ...choice.config, cwd: io.cwd })
  try {
    return await work(pool, choice.config)
  } finally {
    await pool.close()
  }
}

/** The same, but a database that is not there is an error, and is not made. */
export async function withExistingPool<T>(
  io: CommandIo,
  options: GlobalOptions,
  work: (pool: Pool, config: Config) => Promise<T>,
): Promise<T> {
  const choice = chooseDatabase(io, options)
  if (!isMissing(io, choice)) return withPool(io, options, work)
  throw new CommandError(`There is no database at ${targetOf(choice).location}.`, { nextStep: importFirst })
}

const importFirst = 'Import traces first: tracehold import FILE'

/** Runs `work` with a store to read from; a `live` one hears at once what other processes write, where they tell. */
export function withStore<T>(
  io: CommandIo,
  options: GlobalOptions,
  work: (store: Store) => Promise<T>,
  { live = false }: { live?: boolean } = {},
): Promise<T> {
  return withExistingPool(io, options, async (pool, config) => {
    const { current, latest } = await new Migrator(pool).status()
    if (current === 0) {
      const nextStep = `${importFirst} (or adopt tables of an app's own migrations: tracehold migrate --baseline)`
      throw new CommandError(`${pool.location} has no schema of tracehold yet.`, { nextStep })
    }
    checkCurrent(pool, current, latest)
    return useStore(pool, config, options, work, live ? config.redis : undefined)
  })
}

/** Runs `work` with a store to write to. An empty database gets its tables first. */
export function withWritableStore<T>(
  io: CommandIo,
  options: GlobalOptions,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  return withPool(io, options, async (pool, config) => {
    const migrator = new Migrator(pool)
    const { current, latest } = await migrator.status()
    if (current === 0) {
      const { to } = await migrator.migrate()
      io.note(`Made the tables in ${pool.location} (schema version ${to}).`)
    } else {
      checkCurrent(pool, current, latest)
    }
    // With Redis the caches and the tails of others hear of what is written.
    return useStore(pool, config, options, work, config.redis)
  })
}

function checkCurrent(pool: Pool, current: number, latest: number): void {
  if (current === latest) return
  throw new MigrationError(
    `The schema of ${pool.location} is at version ${current} and this package needs ${latest}. Run: tracehold migrate`,
  )
}

async function useStore<T>(
  pool: Pool,
  { projectId, writers }: Config,
  { project = projectId }: GlobalOptions,
  work: (store: Store) => Promise<T>,
  redis: Config['redis'],
): Promise<T> {
  const services = await StoreServices.open(pool, { redis })
  const store = new Store(pool, { projectId: project, writers }, undefined, services)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
