import { type Capabilities, defaultCapabilities } from '../capabilities.ts'

/** What PostgreSQL does otherwise than other databases with transactions. */
export const postgresCapabilities: Capabilities = {
  ...defaultCapabilities,
  erasureRemains: [
    ...defaultCapabilities.erasureRemains,
    'pages of the tables, until autovacuum or VACUUM has cleared them and they are used again',
    'the write-ahead log, its archive and replicas that lag behind',
    "the planner's statistics, until the next ANALYZE",
  ],
}
