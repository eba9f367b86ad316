import type * as Opening from './open-database.ts'

// What opens a database is most of the library. It is loaded when a command begins to work: help, and a call that is
// wrong, are answered without it.
const opening = () => import('./open-database.ts')

/** Runs `work` with a pool on the chosen database. */
export const withPool: typeof Opening.withPool = async (io, options, work) =>
  (await opening()).withPool(io, options, work)

/** The same, but a database that is not there is an error, and is not made. */
export const withExistingPool: typeof Opening.withExistingPool = async (io, options, work) =>
  (await opening()).withExistingPool(io, options, work)

/** Runs `work` with a store to read from; a `live` one hears at once what other processes write, where they tell. */
export const withStore: typeof Opening.withStore = async (io, options, work, live) =>
  (await opening()).withStore(io, options, work, live)

/** Runs `work` with a store to write to. An empty database gets its tables first. */
export const withWritableStore: typeof Opening.withWritableStore = async (io, options, work) =>
  (await opening()).withWritableStore(io, options, work)
