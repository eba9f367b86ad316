import { ClickHouseSink } from './clickhouse/sink.ts'
import { TellingSink } from './notifying-sink.ts'
import type { Pool } from './pool.ts'
import { PostgresSink } from './postgres/sink.ts'
import type { PostgresMethod, RunSink, Sink } from './sink.ts'
import { SqliteSink } from './sqlite/sink.ts'

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
