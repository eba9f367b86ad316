/**
 * What an answer depends on and what a write touches: one trace, all traces of a project at once, or whatever a project
 * has. Its text names it in Redis as well; parts are encoded, so that no two scopes are spelled alike.
 */
export type Scope = string & { readonly scope: unique symbol }

const scope = (...parts: string[]) => parts.map(encodeURIComponent).join(':') as Scope

/** A trace: its row, its spans and their events. */
export const traceScope = (projectId: string, traceId: string): Scope => scope(projectId, 'trace', traceId)

/** All traces of a project, each on its own: a write of very many traces touches this one instead. */
export const allTracesScope = (projectId: string): Scope => scope(projectId, 'traces')

/** Everything about the traces of a project: lists and sums depend on it, and every write touches it. */
export const projectScope = (projectId: string): Scope => scope(projectId, 'project')
