import { type Capabilities, defaultCapabilities } from '../capabilities.ts'

/** What SQLite does otherwise than other databases with transactions. */
export const sqliteCapabilities: Capabilities = {
  ...defaultCapabilities,
  hasOneWriter: true,
  erasureRemains: [
    ...defaultCapabilities.erasureRemains,
    'free pages of the file, until they are used again or VACUUM rewrites it',
    'the -wal file, until it is checkpointed and used again',
    'words of logs in the search index, until it merges its segments',
  ],
}
