import { ConfigError, StorageError } from '../errors.ts'
import type { Pool } from '../pool/pool.ts'
import type { Store } from '../store.ts'
import { type AcceptedRow, columnIndex, type Entity } from '../writers/accepted-row.ts'
import { createSink } from '../writers/sinks/create-sink.ts'
import type { Sink } from '../writers/sinks/sink.ts'
import { type Comparison, compareStores } from './compare.ts'
import { forgetProgress, type Progress, readProgress, writeProgress } from './progress-file.ts'
import { readRows, rowKeyOf } from './read-rows.ts'

/** The tables that are copied, in this order. */
export const copiedTables = [
  'traces',
  'spans',
  'events',
  'results',
  'metrics',
  'metricPoints',
  'logs',
] as const satisfies readonly Entity[]

/** How a copy goes about it. */
export interface CopyOptions {
  /** Copy one project. @default all projects */
  projectId?: string | undefined
  /**
   * A file that remembers how far the copy is: a copy that was interrupted goes on there. It is removed at the end.
   * @default none; a copy that is begun anew copies everything again, which changes nothing
   */
  progressFile?: string | undefined
  /** Compare both sides row by row at the end. @default true */
  verify?: boolean | undefined
  /** Stops after the batch that is being written, with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Hears how far it is. */
  onProgress?: ((progress: CopyProgress) => void) | undefined
}

/** How far a copy is. */
export interface CopyProgress {
  readonly phase: 'copy' | 'verify'
  readonly table: (typeof copiedTables)[number]
  /** Rows of the table that are done, those of an interrupted copy among them. */
  readonly rows: number
}

/** What was copied. */
export interface CopyReport {
  /** Rows by table, those of an interrupted copy among them. */
  readonly copied: Readonly<Record<(typeof copiedTables)[number], number>>
  /** What a comparison of both sides found; undefined when it was not asked for. */
  readonly comparison: Comparison | undefined
}

/**
 * Copies all rows of one store into another, of any engine, in constant memory. A row that is there already stays when
 * it is newer. Copied twice, nothing changes.
 *
 * @throws StorageError when a database stays away, or the signal's reason; call it again with the same `progressFile`
 *   to go on
 *
 * @example
 * const from = await openStore('sqlite:traces.db')
 * const to = await openStore('postgres://app@db.example/app', { migrate: true })
 * const { copied, comparison } = await copyStore(from, to, { progressFile: 'copy.json' })
 */
export async function copyStore(from: Store, to: Store, options: CopyOptions = {}): Promise<CopyReport> {
  if (from.pool.location === to.pool.location && !from.pool.location.endsWith(':memory:')) {
    throw new ConfigError(`Both sides of the copy are ${from.pool.location}.`)
  }
  const progress = await readProgress(options.progressFile, from.pool, to.pool, options.projectId)
  for (const table of copiedTables) {
    if (!progress.done.includes(table)) await copyTable(from.pool, to.pool, table, progress, options)
  }
  const { verify = true } = options
  const comparison = verify ? await compareStores(from.pool, to.pool, options) : undefined
  await forgetProgress(options.progressFile)
  return { copied: { ...noRows(), ...progress.rows }, comparison }
}

const noRows = () =>
  Object.fromEntries(copiedTables.map((table) => [table, 0])) as Record<(typeof copiedTables)[number], number>

async function copyTable(
  from: Pool,
  to: Pool,
  table: (typeof copiedTables)[number],
  progress: Progress,
  { projectId, progressFile, signal, onProgress }: CopyOptions,
): Promise<void> {
  const sink = createSink(to)
  const keyOf = rowKeyOf(table)
  let rows = progress.rows[table] ?? 0
  const after = progress.last?.table === table ? progress.last.key : undefined
  // The next batch is read while one is written.
  let writing: Promise<void> = Promise.resolve()
  for await (const batch of readRows(from, table, { after, projectId })) {
    await writing
    signal?.throwIfAborted()
    // A trace that nobody wrote comes into being with its spans.
    const written = table === 'traces' ? batch.filter((row) => row.values[authoredIndex] !== null) : batch
    writing = write(sink, table, written).then(async () => {
      rows += batch.length
      progress.rows[table] = rows
      progress.last = { table, key: keyOf(batch.at(-1) as AcceptedRow) }
      await writeProgress(progressFile, progress)
      onProgress?.({ phase: 'copy', table, rows })
    })
    // Its failure shows when the next batch waits for it; until then it is not unhandled.
    writing.catch(() => {})
  }
  await writing
  progress.done.push(table)
  progress.last = undefined
  await writeProgress(progressFile, progress)
}

// Every table begins with it.
const projectIndex = columnIndex('traces', 'projectId')
const authoredIndex = columnIndex('traces', 'authored')

/** A batch holds rows of one project; in the order of the key those stand together. */
async function write(sink: Sink, entity: Entity, rows: readonly AcceptedRow[]): Promise<void> {
  for (let from = 0; from < rows.length; ) {
    const projectId = rows[from]?.values[projectIndex] as string
    const end = rows.findIndex((row, i) => i > from && row.values[projectIndex] !== projectId)
    const part = rows.slice(from, end < 0 ? rows.length : end)
    const { rejected } = await sink.write({ entity, projectId, rows: part })
    const [first] = rejected
    if (first)
      throw new StorageError(first.code, `${rejected.length} rows of ${entity} cannot be copied: ${first.message}`)
    from += part.length
  }
}
