import type { Pool } from '../../pool/pool.ts'
import type { PostgresMethod } from '../options.ts'
import { ClickHouseSink } from './clickhouse/clickhouse-sink.ts'
import { PostgresSink } from './postgres/postgres-sink.ts'
import type { RunSink, Sink } from './sink.ts'
import { SqliteSink } from './sqlite.ts'
import { TellingSink } from './telling-sink.ts'

/** The sink of a pool's engine; it tells the process what it changed. */
export const createSink = (pool: Pool, method?: PostgresMethod): Sink & RunSink =>
  new TellingSink(pool, engineSink(pool, method))

function engineSink(pool: Pool, method?: PostgresMethod): Sink & RunSink {
  switch (pool.engine) {
    case 'sqlite':
      return new SqliteSink(pool)
    case 'postgres':
      return new PostgresSink(pool, method)
    case 'clickhouse':
      return new ClickHouseSink(pool)
  }
}
