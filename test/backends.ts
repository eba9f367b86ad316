import { afterAll, beforeAll, describe, it } from 'vitest'
import { openStore } from '../src/index.ts'
import { type ClickHouseServer, createEmbeddedDatabase, startClickHouse } from './servers/clickhouse.ts'
import { createDatabase, type TestDatabase } from './servers/databases.ts'
import { createFile, createMigrated } from './servers/migrated.ts'

/** The engines that every suite of `describeBackends` runs on. */
export const backendNames = ['sqlite', 'postgres', 'clickhouse'] as const

export type BackendName = (typeof backendNames)[number]

/** One engine, as a suite sees it. */
export interface Backend {
  readonly name: BackendName
  /** The suite's own database, removed after the suite. Known once its tests run. */
  url(): string
  /** Creates a further empty database and returns its URL. It is removed after the suite. */
  fresh(): Promise<string>
  /** The same with our tables, for a suite to which migrating is not the point: a copy takes a third of the time. */
  migrated(): Promise<string>
}

/** An engine that a suite does not run on, and why. */
export interface KnownDifference {
  backend: BackendName
  because: string
}

type Create = () => Promise<TestDatabase>

/** The kinds of databases of a suite on one engine. */
interface Makes {
  first: Create
  empty: Create
  migrated: Create
}

const createEmpty: Record<BackendName, Create> = {
  sqlite: createFile,
  postgres: () => createDatabase(),
  clickhouse: createEmbeddedDatabase,
}

const makes = (engine: BackendName): Makes => ({
  first: createEmpty[engine],
  empty: createEmpty[engine],
  migrated: createMigrated[engine],
})

/** How a suite runs. */
interface SuiteOptions {
  /**
   * Engines with a known difference, each with its reason, which shows among the results. Any other skipped test of an
   * engine fails the run.
   */
  skipOn?: readonly KnownDifference[]
}

type Suite = (backend: Backend) => void

/** Runs one suite on every engine, each time on a database of its own, which has our tables. */
export function describeBackends(name: string, suite: Suite, options: SuiteOptions = {}): void {
  describeEach(name, suite, (engine) => ({ ...makes(engine), first: createMigrated[engine] }), options)
}

/** The same on a database that has no tables. */
export function describeEmptyBackends(name: string, suite: Suite, options: SuiteOptions = {}): void {
  describeEach(name, suite, makes, options)
}

/**
 * The same for a suite that starts other processes, which open the databases too: ClickHouse is a server then, and not
 * the engine in this process.
 */
export function describeBackendsForProcesses(name: string, suite: Suite, options: SuiteOptions = {}): void {
  let server: Promise<ClickHouseServer> | undefined
  const onServer = async () => {
    server ??= startClickHouse()
    return { url: await (await server).create(), drop: async () => {} }
  }
  const migratedOnServer = async () => {
    const database = await onServer()
    await (await openStore(database.url, { migrate: true })).close()
    return database
  }
  const clickhouse = { first: onServer, empty: onServer, migrated: migratedOnServer }
  describeEach(name, suite, (engine) => (engine === 'clickhouse' ? clickhouse : makes(engine)), options)
  afterAll(async () => (await server)?.stop())
}

/**
 * Runs a suite once, on SQLite: for what is the same whichever engine has the rows, such as how they are printed. What
 * an engine has a part in belongs to the functions above.
 */
export function describeAnyBackend(name: string, suite: Suite): void {
  describe(name, () => suite(openBackend('sqlite', { ...makes('sqlite'), first: createMigrated.sqlite })))
}

/**
 * `it`, for a test that does not hold on an engine.
 *
 * @example
 * itExceptOn(backend, noTransactions)('leaves nothing of a run that fails', async () => { … })
 */
export function itExceptOn(backend: Backend, { backend: name, because }: KnownDifference) {
  return (title: string, test: () => void | Promise<void>, timeoutMs?: number): void => {
    if (backend.name === name) it.skip(`known difference: ${because}: ${title}`, () => {})
    else it(title, test, timeoutMs)
  }
}

function describeEach(
  name: string,
  suite: Suite,
  makesOf: (engine: BackendName) => Makes,
  { skipOn = [] }: SuiteOptions,
) {
  for (const backendName of backendNames) {
    // The name in brackets, the words "known difference": scripts/test-summary.mjs looks for both.
    describe(`${name} [${backendName}]`, () => {
      const difference = skipOn.find(({ backend }) => backend === backendName)
      if (difference) it.skip(`known difference: ${difference.because}`, () => {})
      else suite(openBackend(backendName, makesOf(backendName)))
    })
  }
}

function openBackend(name: BackendName, { first, empty, migrated }: Makes): Backend {
  const databases: TestDatabase[] = []
  const open = async (made: Promise<TestDatabase>) => {
    const database = await made
    databases.push(database)
    return database.url
  }
  beforeAll(async () => {
    await open(first())
  })
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.drop()))
  })
  return {
    name,
    fresh: () => open(empty()),
    migrated: () => open(migrated()),
    url() {
      const [first] = databases
      if (!first) throw new Error('backend.url() is known inside of tests and hooks, not while tests are collected.')
      return first.url
    },
  }
}
