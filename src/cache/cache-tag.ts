/**
 * Names what a cached answer depends on, and what a write invalidates: one trace, each trace of a project, or all lists
 * and sums of a project. It is also a part of a key in Redis. Its parts are encoded, so no two tags are spelled alike.
 */
export type CacheTag = string & { readonly cacheTag: unique symbol }

const tag = (...parts: string[]) => parts.map(encodeURIComponent).join(':') as CacheTag

/** A trace: its row, its spans and their events. */
export const traceTag = (projectId: string, traceId: string): CacheTag => tag(projectId, 'trace', traceId)

/** Each trace of a project: a write of very many traces invalidates this one tag instead of theirs. */
export const allTracesTag = (projectId: string): CacheTag => tag(projectId, 'traces')

/** Lists and sums over the traces of a project: every write invalidates it. */
export const projectTag = (projectId: string): CacheTag => tag(projectId, 'project')
