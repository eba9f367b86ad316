import { drizzle } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { spans } from '../schema/postgres.ts'
import { tableName } from '../src/engines/postgres/statements.ts'
import { columnSpecs } from '../src/rows/accepted-row.ts'
import type { WholeRow } from './rows.ts'

/** Inserts as they are commonly written, on a connection each. They store spans alone, no trace rows. */
export interface PostgresInserts {
  /** The contenders, each of which stores the batches one by one. */
  contenders(batches: readonly WholeRow[][]): readonly InsertContender[]
  close(): Promise<void>
}

interface InsertContender {
  readonly id: 'drizzle' | 'values'
  readonly about: string
  readonly run: () => Promise<undefined>
}

/** Connects drizzle over postgres.js, and pg. */
export async function openPostgresInserts(url: string): Promise<PostgresInserts> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const db = drizzle(sql)
  const client = new pg.Client(url)
  await client.connect()
  return {
    contenders(batches) {
      const size = batches[0]?.length ?? 0
      return [
        {
          id: 'drizzle',
          about: `drizzle insert, ${size} a batch, no trace rows`,
          async run() {
            for (const batch of batches) await db.insert(spans).values(batch)
          },
        },
        {
          id: 'values',
          about: `multi-row VALUES through pg, ${size} a batch, no trace rows`,
          async run() {
            for (const batch of batches) await client.query(insertOf(batch.length), batch.flatMap(valuesOf))
          },
        },
      ]
    },
    async close() {
      await sql.end()
      await client.end()
    },
  }
}

const statements = new Map<number, string>()

function insertOf(rows: number): string {
  const known = statements.get(rows)
  if (known) return known
  const columns = columnSpecs.spans
  const row = (n: number) => `(${columns.map((_, i) => `$${n * columns.length + i + 1}`).join(',')})`
  const names = columns.map(({ name }) => `"${name}"`).join(',')
  const text = `insert into ${tableName('spans')} (${names}) values ${Array.from({ length: rows }, (_, n) => row(n)).join(',')}`
  statements.set(rows, text)
  return text
}

const valuesOf = (row: WholeRow): unknown[] =>
  columnSpecs.spans.map(({ key, type }) => {
    const value = (row as unknown as Record<string, unknown>)[key] ?? null
    return type === 'json' && value !== null ? JSON.stringify(value) : value
  })
