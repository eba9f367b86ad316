import type { Pool } from '../../pool/pool.ts'
import type { PostgresMethod } from '../options.ts'
import { PostgresSink } from './postgres/postgres-sink.ts'
import type { RunSink, Sink } from './sink.ts'
import { SqliteSink } from './sqlite.ts'

/** The sink of a pool's engine. */
export function createSink(pool: Pool, method?: PostgresMethod): Sink & RunSink {
  switch (pool.engine) {
    case 'sqlite':
      return new SqliteSink(pool)
    case 'postgres':
      return new PostgresSink(pool, method)
  }
}
