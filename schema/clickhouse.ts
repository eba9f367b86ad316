import { clickhouseKit } from './kit/clickhouse.ts'
import { defineTables } from './tables.ts'

/** The ClickHouse tables, as reads see them; the pool's database holds them. */
export const clickhouseTables = defineTables(clickhouseKit)
