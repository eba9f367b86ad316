import { defineKeptUsage } from './kept-usage.ts'
import { clickhouseKit } from './kit/clickhouse.ts'
import { defineTables } from './tables.ts'

/** The ClickHouse tables, as reads see them; the pool's database holds them. */
export const clickhouseTables = defineTables(clickhouseKit)

/** Internal: what traces used that retention deleted. */
export const keptUsage = defineKeptUsage(clickhouseKit)
