import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { type ClickHouseServer, createEmbeddedDatabase, startClickHouse } from './servers/clickhouse.ts'
import { createDatabase } from './servers/databases.ts'

/** The engines that every suite of `describeBackends` runs on. */
export const backendNames = ['sqlite', 'postgres', 'clickhouse'] as const

export type BackendName = (typeof backendNames)[number]

/** One engine, as a suite sees it. */
export interface Backend {
  readonly name: BackendName
  /** The suite's own database, empty at first and removed after the suite. Known once its tests run. */
  url(): string
  /** Creates a further empty database and returns its URL. It is removed after the suite. */
  fresh(): Promise<string>
}

/** An engine that a suite does not run on, and why. */
export interface KnownDifference {
  backend: BackendName
  because: string
}

interface Place {
  url: string
  drop(): Promise<void>
}

const createPlace: Record<BackendName, () => Promise<Place>> = {
  sqlite: async () => {
    const directory = await mkdtemp(join(inject('servers').directory, 'sqlite-'))
    return { url: `sqlite:${join(directory, 'test.db')}`, drop: () => rm(directory, { recursive: true }) }
  },
  postgres: () => createDatabase(),
  clickhouse: () => createEmbeddedDatabase(),
}

/** How a suite runs. */
interface SuiteOptions {
  /**
   * Engines with a known difference, each with its reason, which shows among the results. Any other skipped test of an
   * engine fails the run.
   */
  skipOn?: readonly KnownDifference[]
}

type Suite = (backend: Backend) => void

/** Runs one suite on every engine, each time on an empty database. */
export function describeBackends(name: string, suite: Suite, options: SuiteOptions = {}): void {
  describeEach(name, suite, createPlace, options)
}

/**
 * The same for a suite that starts other processes, which open the databases too: ClickHouse is a server then, and not
 * the engine in this process.
 */
export function describeBackendsForProcesses(name: string, suite: Suite, options: SuiteOptions = {}): void {
  let server: Promise<ClickHouseServer> | undefined
  const clickhouse = async () => {
    server ??= startClickHouse()
    return { url: await (await server).create(), drop: async () => {} }
  }
  describeEach(name, suite, { ...createPlace, clickhouse }, options)
  afterAll(async () => (await server)?.stop())
}

/**
 * Runs a suite once, on SQLite: for what is the same whichever engine has the rows, such as how they are printed. What
 * an engine has a part in belongs to the functions above.
 */
export function describeAnyBackend(name: string, suite: Suite): void {
  describe(name, () => suite(openBackend('sqlite', createPlace.sqlite)))
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

function describeEach(name: string, suite: Suite, createPlaces: typeof createPlace, { skipOn = [] }: SuiteOptions) {
  for (const backendName of backendNames) {
    // The name in brackets, the words "known difference": scripts/test-summary.mjs looks for both.
    describe(`${name} [${backendName}]`, () => {
      const difference = skipOn.find(({ backend }) => backend === backendName)
      if (difference) it.skip(`known difference: ${difference.because}`, () => {})
      else suite(openBackend(backendName, createPlaces[backendName]))
    })
  }
}

function openBackend(name: BackendName, createPlace: () => Promise<Place>): Backend {
  const places: Place[] = []
  const fresh = async () => {
    const place = await createPlace()
    places.push(place)
    return place.url
  }
  beforeAll(async () => {
    await fresh()
  })
  afterAll(async () => {
    await Promise.all(places.map((place) => place.drop()))
  })
  return {
    name,
    fresh,
    url() {
      const [first] = places
      if (!first) throw new Error('backend.url() is known inside of tests and hooks, not while tests are collected.')
      return first.url
    },
  }
}
