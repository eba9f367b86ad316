import type { Pool } from '../engines/pool.ts'
import { listenToChanges } from '../engines/write-events.ts'
import { allTracesScope, projectScope, traceScope } from './cache-tag.ts'
import type { ReadCache } from './read-cache.ts'
import type { SharedAnswers } from './redis-cache.ts'

/** A write that touches more traces than this makes all traces of the project be read anew. */
const mostTraces = 1_000

/** Makes every write of this process drop what was read of it, here and in Redis. Returns what ends it. */
export function dropWhatChanges(pool: Pool, cache: ReadCache | undefined, shared: SharedAnswers | undefined) {
  return listenToChanges(pool, ({ projectId, traceIds }) => {
    if (traceIds.length === 0) return
    const whole = [projectScope(projectId), allTracesScope(projectId)]
    const each = traceIds.map((traceId) => traceScope(projectId, traceId))
    const touched = traceIds.length > mostTraces ? whole : [projectScope(projectId), ...each]
    cache?.drop(touched)
    shared?.drop(touched, whole)
  })
}
