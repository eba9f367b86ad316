import { z } from 'zod'
import { isSameDatabase } from '../engines/database-identity.ts'
import type { Pool } from '../engines/pool.ts'
import { ConfigError } from '../errors.ts'
import { readRows } from '../row-pages/read-rows.ts'
import { rowKeySchema } from '../row-pages/row-key.ts'
import { writeRows } from '../row-pages/write-rows.ts'
import { type Entity, entities } from '../rows/accepted-row.ts'
import type { Store } from '../store/store.ts'
import { type Comparison, compareStores } from './compare.ts'
import type { CopyOptions } from './options.ts'
import { forgetProgress, readProgress, routeOf, routeSchema, writeProgress } from './progress-file.ts'

const progressSchema = routeSchema.extend({
  /** Tables that are copied. */
  done: z.array(z.string()),
  /** Rows copied, by table. */
  rows: z.record(z.string(), z.number()),
  /** The last row that was copied of the table that is being copied. */
  last: z.object({ table: z.string(), key: rowKeySchema }).optional(),
})

type Progress = z.infer<typeof progressSchema>

/** What was copied. */
export interface CopyReport {
  /** Rows by table, those of an interrupted copy among them. */
  readonly copied: Readonly<Record<Entity, number>>
  /** What a comparison of both sides found; undefined when it was not asked for. */
  readonly comparison: Comparison | undefined
}

/**
 * Copies all rows of one store into another, of any engine, in constant memory. A row that is there already stays when
 * it is newer. Copied twice, nothing changes.
 *
 * @throws ConfigError for two stores that are one, or a file of other progress; StorageError when a database stays
 *   unreachable, or the signal's reason: call it again with the same `progressFile` to go on
 *
 * @example
 * const from = await openStore('sqlite:traces.db')
 * const to = await openStore('postgres://app@db.example/app', { migrate: true })
 * const { copied, comparison } = await copyStore(from, to, { progressFile: 'copy.json' })
 */
export async function copyStore(from: Store, to: Store, options: CopyOptions = {}): Promise<CopyReport> {
  if (await isSameDatabase(from.pool, to.pool)) {
    throw new ConfigError(`Both sides of the copy are ${from.pool.location}.`)
  }
  const fresh = { ...(await routeOf(from.pool, to.pool, options.projectId)), done: [], rows: {} }
  const progress = await readProgress(options.progressFile, progressSchema, fresh, to.pool)
  for (const table of entities) {
    if (!progress.done.includes(table)) await copyTable(from.pool, to.pool, table, progress, options)
  }
  const { verify = true } = options
  const comparison = verify ? await compareStores(from.pool, to.pool, options) : undefined
  await forgetProgress(options.progressFile)
  return { copied: { ...noRows(), ...progress.rows }, comparison }
}

const noRows = () => Object.fromEntries(entities.map((table) => [table, 0])) as Record<Entity, number>

async function copyTable(
  from: Pool,
  to: Pool,
  table: Entity,
  progress: Progress,
  { projectId, progressFile, signal, onProgress }: CopyOptions,
): Promise<void> {
  let rows = progress.rows[table] ?? 0
  const after = progress.last?.table === table ? progress.last.key : undefined
  await writeRows(to, table, readRows(from, table, { after, projectId, size: to.capabilities.copyPage }), {
    signal,
    async stored(page) {
      rows += page.rows.length
      progress.rows[table] = rows
      progress.last = { table, key: page.position.key }
      await writeProgress(progressFile, progress)
      onProgress?.({ phase: 'copy', table, rows })
    },
  })
  progress.done.push(table)
  progress.last = undefined
  await writeProgress(progressFile, progress)
}
