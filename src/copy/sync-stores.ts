import { setTimeout as delay } from 'node:timers/promises'
import { ExponentialBackoff } from 'cockatiel'
import { isSameDatabase } from '../engines/database-identity.ts'
import { ConfigError, StorageError, ValidationError } from '../errors.ts'
import { entities } from '../rows/accepted-row.ts'
import type { Store } from '../store/store.ts'
import type { CopyReport } from './copy-store.ts'
import type { SyncOptions } from './options.ts'
import { readProgress, routeOf } from './progress-file.ts'
import { progressSchema } from './sync-progress.ts'
import { SyncRound } from './sync-round.ts'

/** What was done. */
export interface SyncReport {
  /** Rows that this call wrote, by table. */
  readonly written: CopyReport['copied']
  /** Whether everything is there that was stored when it looked last; false when the signal came before. */
  readonly complete: boolean
}

const retriesOfOnce = 5
const retryDelayMs = { initialDelay: 200, maxDelay: 30_000 } as const

/**
 * Keeps one store in step with another, of any engine: copies what is there, then what is stored, until the signal ends
 * it. Rows come in the order of their transactions, are written as they are stored, and replace what they replaced in the
 * source; a row of the target that is newer stays. A row that comes twice is there once. Deletes are not followed. Where
 * one of the two was restored, copied or promoted, everything comes once more.
 *
 * @throws ConfigError for two stores that are one, or a file of other progress; ValidationError for an option; StorageError
 *   for a row that the target refuses, and for a failure that waiting does not mend; RestoredError where `tracehold restamp`
 *   comes first
 *
 * @example
 * const from = await openStore('postgres://app@db.example/app')
 * const to = await openStore('clickhouse://ch.example/traces', { migrate: true })
 * await syncStores(from, to, { progressFile: 'sync.json', signal })
 */
export async function syncStores(from: Store, to: Store, options: SyncOptions = {}): Promise<SyncReport> {
  const { projectId, progressFile, once = false, pollMs = 1_000, signal } = options
  if (!(pollMs >= 1 && pollMs <= 3_600_000)) {
    throw new ValidationError('Invalid sync', [{ field: 'pollMs', message: 'must be from 1 to 3600000' }])
  }
  if (await isSameDatabase(from.pool, to.pool)) {
    throw new ConfigError(`Both sides of the sync are ${from.pool.location}.`)
  }
  const written = Object.fromEntries(entities.map((table) => [table, 0])) as Record<string, number>
  const begin = async () => {
    const fresh = await routeOf(from.pool, to.pool, projectId)
    const progress = await readProgress(progressFile, progressSchema, fresh, to.pool)
    return new SyncRound(from.pool, to.pool, progress, options, (table, rows) => {
      written[table] = (written[table] ?? 0) + rows
      options.onProgress?.({ table, rows: Object.values(written).reduce((sum, count) => sum + count, 0) })
    })
  }
  let round: SyncRound | undefined
  let complete = false
  const done = () => ({ written: written as SyncReport['written'], complete })
  try {
    for (;;) {
      await persistently(options, async () => {
        round ??= await begin()
        await round.run()
      })
      complete = true
      options.onProgress?.({ table: undefined, rows: Object.values(written).reduce((sum, count) => sum + count, 0) })
      if (once) return done()
      await delay(pollMs, undefined, signal && { signal })
      complete = false
    }
  } catch (error) {
    if (signal?.aborted) return done()
    throw error
  }
}

/**
 * Runs a round, again where it was: what it had written is not written again. A retry policy would run it as well, but
 * its waits do not end with the signal.
 */
async function persistently({ once, onRetry, signal }: SyncOptions, run: () => Promise<void>): Promise<void> {
  let wait = new ExponentialBackoff(retryDelayMs).next()
  for (let retries = 0; ; retries += 1) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof StorageError && error.retryable)) throw error
      onRetry?.(error)
      if (once && retries === retriesOfOnce) throw error
    }
    await delay(wait.duration, undefined, signal && { signal })
    wait = wait.next(undefined)
  }
}
