import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { createDatabase } from './servers/databases.ts'

/** The engines that every suite of `describeBackends` runs on. */
export const backendNames = ['sqlite', 'postgres'] as const

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
}

/**
 * Runs one suite on every engine, each time on an empty database.
 *
 * @param skipOn Engines with a known difference, each with its reason, which shows among the results. Any other skipped
 * test of an engine fails the run.
 */
export function describeBackends(
  name: string,
  suite: (backend: Backend) => void,
  { skipOn = [] }: { skipOn?: readonly KnownDifference[] } = {},
): void {
  for (const backendName of backendNames) {
    // The name in brackets, the words "known difference": scripts/test-summary.mjs looks for both.
    describe(`${name} [${backendName}]`, () => {
      const difference = skipOn.find(({ backend }) => backend === backendName)
      if (difference) it.skip(`known difference: ${difference.because}`, () => {})
      else suite(openBackend(backendName))
    })
  }
}

function openBackend(name: BackendName): Backend {
  const places: Place[] = []
  const fresh = async () => {
    const place = await createPlace[name]()
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
