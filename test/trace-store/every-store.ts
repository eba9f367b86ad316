import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import {
  DatabaseTraceStore,
  InMemoryTraceStore,
  JsonlTraceStore,
  openStore,
  type TraceArchive,
} from '../../src/index.ts'
import { createDatabase } from '../servers/databases.ts'

/** A trace store of every kind, each empty. */
export interface EveryStore {
  readonly stores: Readonly<Record<'memory' | 'jsonl' | 'sqlite' | 'postgres', TraceArchive>>
  close(): Promise<void>
}

/** Opens a trace store of every kind. */
export async function openEveryStore(): Promise<EveryStore> {
  const folder = mkdtempSync(join(inject('servers').directory, 'traces-'))
  const database = await createDatabase()
  const sqlite = await openStore(`sqlite:${join(folder, 'traces.db')}`, { migrate: true })
  const postgres = await openStore(database.url, { migrate: true })
  return {
    stores: {
      memory: new InMemoryTraceStore({ maxSize: 100_000 }),
      jsonl: new JsonlTraceStore(join(folder, 'traces.jsonl')),
      sqlite: new DatabaseTraceStore(sqlite),
      postgres: new DatabaseTraceStore(postgres),
    },
    async close() {
      await sqlite.close()
      await postgres.close()
      await database.drop()
    },
  }
}
